"""Settings of SwAV and of SCA, tried on 1,300 val scenes.

Reproduces: nothing; where a row names no other, lr is 6e-3, epsilon 0.03, the
    number of prototypes K 32, and the temperature of SCA 0.1. Of the settings
    of SwAV the one with the highest mean of linear and MaxBoxAccV2 is
    `swav_tuned` of materials.py.
Expected: docs/study/settings.md
Hardware: CPU; two cores do two runs at a time.
Command: python tools/compare.py configs/comparisons/settings.py
"""

_base_ = '../_base_/evaluations/materials_val.py'

title = 'Settings of SwAV and of SCA, on val'
note = 'SCA has a share of w = 0.7 here.'
records = 'docs/study'
columns = ['kNN', 'linear', 'MaxBoxAccV2', 'pointing']
control = 'swav'
seeds = [0, 1]
swav = dict(title='SwAV', pretrain='sca/swav_r18_materials.py')
weight = ['model.weight=0.7']
sca = dict(
    title='SCA',
    pretrain='sca/swav_sca_r18_materials.py',
    options=weight,
    seeds=[0],
)
memory = dict(sca, pretrain='sca/ablations/swav_sca_r18_materials_memory.py')
lr = 'optim_wrapper.optimizer.lr'
epsilon = 'model.head.epsilon'
few, many = ([f'model.head.num_prototypes={k}'] for k in (16, 64))
swav_variants = dict(
    lr_half=dict(swav, title='SwAV, lr 3e-3', options=[f'{lr}=3e-3']),
    lr_double=dict(swav, title='SwAV, lr 12e-3', options=[f'{lr}=12e-3']),
    epsilon_low=dict(
        swav, title='SwAV, epsilon 0.02', options=[f'{epsilon}=0.02']
    ),
    epsilon_high=dict(
        swav, title='SwAV, epsilon 0.05', options=[f'{epsilon}=0.05']
    ),
    prototypes_few=dict(swav, title='SwAV, K 16', options=few),
    prototypes_many=dict(swav, title='SwAV, K 64', options=many),
)
sca_variants = dict(
    sca_prototypes_few=dict(sca, title='SCA, K 16', options=weight + few),
    sca_prototypes_many=dict(sca, title='SCA, K 64', options=weight + many),
    sca_memory=dict(memory, title='SCA, partners from a memory'),
    sca_memory_many=dict(
        memory,
        title='SCA, partners from a memory, K 64',
        options=weight + many,
    ),
    sca_sharp=dict(
        sca,
        title='SCA, temperature 0.03',
        options=[*weight, 'model.sca.temperature=0.03'],
    ),
)
backbones = dict(swav=swav, **swav_variants, sca=sca, **sca_variants)
compare = [
    *((name, 'swav') for name in swav_variants),
    ('sca', 'swav'),
    ('sca_prototypes_few', 'prototypes_few'),
    ('sca_prototypes_many', 'prototypes_many'),
    ('sca_memory_many', 'prototypes_many'),
    *((name, 'sca') for name in sca_variants),
]

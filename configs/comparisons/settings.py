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
records = 'docs/study'
columns = ['kNN', 'linear', 'MaxBoxAccV2', 'pointing']
control = 'swav'
seeds = [0, 1]
one = [0]
swav = 'sca/swav_r18_materials.py'
sca = 'sca/swav_sca_r18_materials.py'
ablation = 'sca/ablations/swav_sca_r18_materials_'
lr = 'optim_wrapper.optimizer.lr'
epsilon = 'model.head.epsilon'
prototypes = 'model.head.num_prototypes'
swav_variants = dict(
    lr_half=dict(title='SwAV, lr 3e-3', pretrain=swav, options=[f'{lr}=3e-3']),
    lr_double=dict(
        title='SwAV, lr 12e-3', pretrain=swav, options=[f'{lr}=12e-3']
    ),
    epsilon_low=dict(
        title='SwAV, epsilon 0.02', pretrain=swav, options=[f'{epsilon}=0.02']
    ),
    epsilon_high=dict(
        title='SwAV, epsilon 0.05', pretrain=swav, options=[f'{epsilon}=0.05']
    ),
    prototypes_few=dict(
        title='SwAV, K 16', pretrain=swav, options=[f'{prototypes}=16']
    ),
    prototypes_many=dict(
        title='SwAV, K 64', pretrain=swav, options=[f'{prototypes}=64']
    ),
)
sca_variants = dict(
    sca_prototypes_few=dict(
        title='SCA, K 16',
        pretrain=sca,
        options=[f'{prototypes}=16'],
        seeds=one,
    ),
    sca_prototypes_many=dict(
        title='SCA, K 64',
        pretrain=sca,
        options=[f'{prototypes}=64'],
        seeds=one,
    ),
    sca_memory=dict(
        title='SCA, partners from a memory',
        pretrain=f'{ablation}memory.py',
        seeds=one,
    ),
    sca_memory_many=dict(
        title='SCA, partners from a memory, K 64',
        pretrain=f'{ablation}memory.py',
        options=[f'{prototypes}=64'],
        seeds=one,
    ),
    sca_sharp=dict(
        title='SCA, temperature 0.03',
        pretrain=sca,
        options=['model.sca.temperature=0.03'],
        seeds=one,
    ),
)
backbones = dict(
    swav=dict(title='SwAV', pretrain=swav),
    **swav_variants,
    sca=dict(title='SCA', pretrain=sca, seeds=one),
    **sca_variants,
)
compare = [
    *((name, 'swav') for name in swav_variants),
    ('sca', 'swav'),
    ('sca_prototypes_few', 'prototypes_few'),
    ('sca_prototypes_many', 'prototypes_many'),
    ('sca_memory_many', 'prototypes_many'),
    *((name, 'sca') for name in sca_variants),
]

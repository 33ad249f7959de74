"""SwAV and SwAV + SCA on MaterialScenes, between their bounds.

Reproduces: nothing; whether SCA helps, and whether its partners matter, over
    five seeds. `swav_long` and `densecl` train for about the time that
    SwAV + SCA takes.
Expected: docs/study/materials.md
Hardware: CPU; two cores do two runs at a time.
Command: python tools/compare.py configs/comparisons/materials.py
"""

_base_ = '../_base_/evaluations/materials.py'

title = 'SwAV and SwAV + SCA on MaterialScenes'
note = 'SCA has a share of w = 0.7 here.'
records = 'docs/study'
columns = ['kNN', 'linear', 'MaxBoxAccV2', 'pointing', 'box AP', 'mask AP']
control = 'swav'
seeds = [0, 1, 2, 3, 4]
three = [0, 1, 2]
weight = ['model.weight=0.7']
tuned = ['model.head.num_prototypes=64']  # by settings.py
ablation = 'sca/ablations/swav_sca_r18_materials_'
without = ['detection']
shorter = dict(seeds=three, skip=without)
swav = dict(title='SwAV', pretrain='sca/swav_r18_materials.py')
sca = dict(
    title='SwAV + SCA',
    pretrain='sca/swav_sca_r18_materials.py',
    options=weight,
)
backbones = dict(
    untrained=dict(title='untrained', seeds=three),
    swav=swav,
    swav_sca=sca,
    random=dict(
        title='SCA, random partners',
        pretrain=f'{ablation}random.py',
        options=weight,
        skip=without,
    ),
    swav_tuned=dict(swav, title='SwAV, 64 prototypes', options=tuned),
    swav_sca_tuned=dict(
        sca, title='SwAV + SCA, 64 prototypes', options=weight + tuned
    ),
    own=dict(
        title='mask of own features',
        pretrain=f'{ablation}own.py',
        options=weight,
        **shorter,
    ),
    swav_long=dict(
        swav,
        title='SwAV, 18 epochs',
        options=['train_cfg.max_epochs=18'],
        **shorter,
    ),
    other_view=dict(
        title='SCA, the other view as partner',
        pretrain=f'{ablation}other_view.py',
        options=weight,
        **shorter,
    ),
    no_negatives=dict(
        title='SCA, no negatives',
        pretrain=f'{ablation}no_negatives.py',
        options=weight,
        **shorter,
    ),
    densecl=dict(
        title='DenseCL, 27 epochs',
        pretrain='sca/methods/densecl_sca_r18_materials.py',
        options=['model.weight=0', 'train_cfg.max_epochs=27'],
        **shorter,
    ),
    supervised=dict(
        title='supervised',
        pretrain='classification/r18_supervised_materials.py',
        seeds=three,
    ),
)
compare = [
    ('swav_sca', 'swav'),
    ('swav_sca', 'random'),
    ('swav_sca_tuned', 'swav_tuned'),
    ('swav_sca', 'swav_tuned'),
    ('swav_tuned', 'swav'),
    ('swav_sca', 'own'),
    ('swav_sca', 'swav_long'),
    ('swav_sca', 'other_view'),
    ('swav_sca', 'no_negatives'),
    ('swav_long', 'swav'),
    ('random', 'swav'),
    ('own', 'swav'),
]
small = dict(backbones=['swav', 'swav_sca'], seeds=[0])

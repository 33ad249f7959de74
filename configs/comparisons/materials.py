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
records = 'docs/study'
columns = ['kNN', 'linear', 'MaxBoxAccV2', 'pointing', 'box AP', 'mask AP']
control = 'swav'
seeds = [0, 1, 2, 3, 4]
three = [0, 1, 2]
tuned = ['model.head.num_prototypes=64']  # by settings.py
ablation = 'sca/ablations/swav_sca_r18_materials_'
without = ['detection']
backbones = dict(
    untrained=dict(title='untrained', seeds=three),
    swav=dict(title='SwAV', pretrain='sca/swav_r18_materials.py'),
    swav_sca=dict(
        title='SwAV + SCA', pretrain='sca/swav_sca_r18_materials.py'
    ),
    random=dict(
        title='SCA, random partners',
        pretrain=f'{ablation}random.py',
        skip=without,
    ),
    swav_tuned=dict(
        title='SwAV, 64 prototypes',
        pretrain='sca/swav_r18_materials.py',
        options=tuned,
    ),
    swav_sca_tuned=dict(
        title='SwAV + SCA, 64 prototypes',
        pretrain='sca/swav_sca_r18_materials.py',
        options=tuned,
    ),
    own=dict(
        title='mask of own features',
        pretrain=f'{ablation}own.py',
        seeds=three,
        skip=without,
    ),
    swav_long=dict(
        title='SwAV, 18 epochs',
        pretrain='sca/swav_r18_materials.py',
        options=['train_cfg.max_epochs=18'],
        seeds=three,
        skip=without,
    ),
    other_view=dict(
        title='SCA, the other view as partner',
        pretrain=f'{ablation}other_view.py',
        seeds=three,
        skip=without,
    ),
    no_negatives=dict(
        title='SCA, no negatives',
        pretrain=f'{ablation}no_negatives.py',
        seeds=three,
        skip=without,
    ),
    densecl=dict(
        title='DenseCL, 27 epochs',
        pretrain='sca/methods/densecl_sca_r18_materials.py',
        options=['model.weight=0', 'train_cfg.max_epochs=27'],
        seeds=three,
        skip=without,
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

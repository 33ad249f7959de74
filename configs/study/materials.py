"""SwAV and SwAV + SCA on MaterialScenes, between their bounds.

Reproduces: nothing; whether SCA helps, and whether its partners matter, over
    five seeds. `swav_long` and `densecl` train for about the time that
    SwAV + SCA takes.
Expected: docs/study/materials.md
Hardware: CPU; two cores run two jobs at a time.
Command: python tools/run_study.py configs/study/materials.py
"""

title = 'SwAV and SwAV + SCA on MaterialScenes'
suite = 'materials'
data_root = 'data/material_scenes'
control = 'swav'
seeds = [0, 1, 2, 3, 4]
three = [0, 1, 2]
tuned = ['model.head.num_prototypes=64']  # by settings.py
ablation = 'sca/ablations/swav_sca_r18_materials_'
arms = dict(
    untrained=dict(
        title='untrained', config=None, detection=True, seeds=three
    ),
    swav=dict(
        title='SwAV', config='sca/swav_r18_materials.py', detection=True
    ),
    swav_sca=dict(
        title='SwAV + SCA',
        config='sca/swav_sca_r18_materials.py',
        detection=True,
    ),
    random=dict(
        title='SCA, random partners',
        config=f'{ablation}random.py',
    ),
    swav_tuned=dict(
        title='SwAV, 64 prototypes',
        config='sca/swav_r18_materials.py',
        options=tuned,
        detection=True,
    ),
    swav_sca_tuned=dict(
        title='SwAV + SCA, 64 prototypes',
        config='sca/swav_sca_r18_materials.py',
        options=tuned,
        detection=True,
    ),
    own=dict(title='mask of own features', config=f'{ablation}own.py'),
    swav_long=dict(
        title='SwAV, 18 epochs',
        config='sca/swav_r18_materials.py',
        options=['train_cfg.max_epochs=18'],
        seeds=three,
    ),
    other_view=dict(
        title='SCA, the other view as partner',
        config=f'{ablation}other_view.py',
        seeds=three,
    ),
    no_strangers=dict(
        title='SCA, no strangers',
        config=f'{ablation}no_strangers.py',
        seeds=three,
    ),
    densecl=dict(
        title='DenseCL, 27 epochs',
        config='sca/methods/densecl_sca_r18_materials.py',
        options=['model.weight=0', 'train_cfg.max_epochs=27'],
        seeds=three,
    ),
    supervised=dict(
        title='supervised',
        config='classification/r18_supervised_materials.py',
        detection=True,
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
    ('swav_sca', 'no_strangers'),
    ('swav_long', 'swav'),
    ('random', 'swav'),
    ('own', 'swav'),
]
small = dict(arms=['swav', 'swav_sca'], seeds=[0])

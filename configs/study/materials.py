"""SwAV and SwAV + SCA on MaterialScenes, between their bounds.

Reproduces: nothing; whether SCA helps, and whether its partners matter, over
    five seeds. `swav_long` is SwAV for about the time that SwAV + SCA takes.
Expected: docs/study/materials.md
Hardware: CPU; two cores run two jobs at a time.
Command: python tools/run_study.py configs/study/materials.py
"""

title = 'SwAV and SwAV + SCA on MaterialScenes'
suite = 'materials'
data_root = 'data/material_scenes'
control = 'swav'
seeds = [0, 1, 2, 3, 4]
arms = dict(
    untrained=dict(title='untrained', config=None, detection=True),
    swav=dict(
        title='SwAV', config='sca/swav_r18_materials.py', detection=True
    ),
    swav_long=dict(
        title='SwAV, 13 epochs',
        config='sca/swav_r18_materials.py',
        options=['train_cfg.max_epochs=13', 'param_scheduler.1.T_max=13'],
    ),
    swav_sca=dict(
        title='SwAV + SCA',
        config='sca/swav_sca_r18_materials.py',
        detection=True,
    ),
    random=dict(
        title='SCA, random partners',
        config='sca/ablations/swav_sca_r18_materials_random.py',
        detection=True,
    ),
    other_view=dict(
        title='SCA, the other view as partner',
        config='sca/ablations/swav_sca_r18_materials_other_view.py',
    ),
    supervised=dict(
        title='supervised',
        config='classification/r18_supervised_materials.py',
        detection=True,
    ),
)
compare = [
    ('swav_sca', 'swav'),
    ('swav_sca', 'swav_long'),
    ('swav_sca', 'random'),
    ('swav_sca', 'other_view'),
    ('random', 'swav'),
]
small = dict(arms=['swav', 'swav_sca'], seeds=[0])

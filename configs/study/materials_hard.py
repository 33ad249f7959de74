"""SwAV and SwAV + SCA on MaterialScenes with much clutter.

Reproduces: nothing; materials_easy.py on other scenes, with random partners
    too.
Expected: docs/study/materials_hard.md
Hardware: CPU; two cores run two jobs at a time.
Command: python tools/run_study.py configs/study/materials_hard.py
"""

_base_ = './materials_easy.py'

title = 'MaterialScenes with much clutter'
data_root = 'data/material_scenes_hard'
scenes_args = ['--clutter', 'hard']
arms = dict(
    random=dict(
        title='SCA, random partners',
        config='sca/ablations/swav_sca_r18_materials_random.py',
    ),
)
compare = [('swav_sca', 'swav'), ('swav_sca', 'random'), ('random', 'swav')]

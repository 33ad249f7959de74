"""SwAV and SwAV + SCA on MaterialScenes with much clutter.

Reproduces: nothing; materials_easy.py on other scenes, with random partners
    too.
Expected: docs/study/materials_hard.md
Hardware: CPU; two cores do two runs at a time.
Command: python tools/compare.py configs/comparisons/materials_hard.py
"""

_base_ = './materials_easy.py'

title = 'MaterialScenes with much clutter'
data = dict(arguments=['--clutter', 'hard'])
data_root = 'data/material_scenes_hard'
backbones = dict(
    random=dict(
        title='SCA, random partners',
        pretrain='sca/ablations/swav_sca_r18_materials_random.py',
        options=['model.weight=0.7'],
    ),
)
compare = [('swav_sca', 'swav'), ('swav_sca', 'random'), ('random', 'swav')]

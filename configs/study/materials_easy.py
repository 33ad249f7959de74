"""SwAV and SwAV + SCA on MaterialScenes with little clutter.

Reproduces: nothing; whether the difference of materials.py depends on the
    contrast of the backgrounds, over two seeds.
Expected: docs/study/materials_easy.md
Hardware: CPU; two cores run two jobs at a time.
Command: python tools/run_study.py configs/study/materials_easy.py
"""

title = 'MaterialScenes with little clutter'
suite = 'materials'
data_root = 'data/material_scenes_easy'
scenes_args = ['--clutter', 'easy']
control = 'swav'
seeds = [0, 1]
arms = dict(
    swav=dict(title='SwAV', config='sca/swav_r18_materials.py'),
    swav_sca=dict(title='SwAV + SCA', config='sca/swav_sca_r18_materials.py'),
)

"""SwAV and SwAV + SCA on MaterialScenes with little clutter.

Reproduces: nothing; whether the difference of materials.py depends on the
    contrast of the backgrounds, over two seeds.
Expected: docs/study/materials_easy.md
Hardware: CPU; two cores do two runs at a time.
Command: python tools/compare.py configs/comparisons/materials_easy.py
"""

_base_ = '../_base_/evaluations/materials.py'

title = 'MaterialScenes with little clutter'
note = 'SCA has a share of w = 0.7 here.'
data = dict(arguments=['--clutter', 'easy'])
data_root = 'data/material_scenes_easy'
evaluations = dict(detection=None)
records = 'docs/study'
columns = ['kNN', 'linear', 'MaxBoxAccV2', 'pointing']
control = 'swav'
seeds = [0, 1]
backbones = dict(
    swav=dict(title='SwAV', pretrain='sca/swav_r18_materials.py'),
    swav_sca=dict(
        title='SwAV + SCA',
        pretrain='sca/swav_sca_r18_materials.py',
        options=['model.weight=0.7'],
    ),
)

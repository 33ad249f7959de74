"""SwAV + SCA on MaterialScenes.

Reproduces: nothing; the small twin of swav_sca_r50.py that a CPU trains.
Expected: docs/study/materials.md, five seeds, with model.weight=0.7.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_materials.py
Data: python tools/make_material_scenes.py
"""

_base_ = ['./swav_r18_materials.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

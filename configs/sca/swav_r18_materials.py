"""SwAV on MaterialScenes, the control of swav_sca_r18_materials.py.

Reproduces: nothing; the small twin of swav_r50.py that a CPU trains.
Expected: docs/study/materials.md, five seeds.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_r18_materials.py
Data: python tools/make_material_scenes.py
"""

_base_ = [
    '../_base_/models/swav_r18_thin.py',
    '../_base_/datasets/material_scenes_multicrop.py',
    '../_base_/schedules/pretrain_15e_bs64.py',
    '../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.SwAV',
    data_preprocessor=dict(type='mmsca.MultiCropPreprocessor'),
    head=dict(temperature=0.1, epsilon=0.03, iterations=3),
)
default_hooks = dict(
    logger=dict(interval=5),
    prototypes=dict(type='mmsca.PrototypeHook'),
    frozen=dict(type='mmsca.FreezeHook', iters={'head.prototypes': 15}),
)

"""SwAV on MaterialScenes, the control of swav_sca_r18_materials.py.

Reproduces: nothing; the small twin of swav_r50.py that a CPU trains.
Expected: docs/study/materials.md, five seeds.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_r18_materials.py
Data: python tools/make_material_scenes.py
"""

_base_ = [
    '../_base_/models/resnet18_thin.py',
    '../_base_/datasets/material_scenes_multicrop.py',
    '../_base_/schedules/pretrain_15e_bs64.py',
    '../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.SwAV',
    data_preprocessor=dict(
        type='mmsca.MultiCropPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=True,
    ),
    neck=dict(
        type='SwAVNeck',
        in_channels=128,
        hid_channels=256,
        out_channels=64,
        norm_cfg=dict(type='BN1d'),
    ),
    head=dict(
        type='mmsca.SwAVHead',
        num_prototypes=32,
        temperature=0.1,
        epsilon=0.03,
        iterations=3,
    ),
)

custom_hooks = [
    dict(type='mmsca.PrototypeHook'),
    dict(type='mmsca.FreezeHook', iters={'head.prototypes': 15}),
]
default_hooks = dict(logger=dict(interval=5))

"""Barlow Twins + SCA on MaterialScenes.

Reproduces: nothing; SCA on Barlow Twins (arXiv:2103.03230) of mmpretrain,
    which is the same config with model.weight=0.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/methods/barlowtwins_sca_r18_materials.py
"""

_base_ = [
    '../../_base_/models/sca_method_r18_thin.py',
    '../../_base_/datasets/material_scenes_twoview.py',
    '../../_base_/schedules/pretrain_15e_bs64.py',
    '../../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.BarlowTwinsSCA',
    neck=dict(
        type='NonLinearNeck',
        in_channels=128,
        hid_channels=256,
        out_channels=256,
        num_layers=3,
        with_last_bn=False,
        with_last_bn_affine=False,
        with_avg_pool=True,
        norm_cfg=dict(type='BN1d'),
    ),
    head=dict(
        type='LatentCrossCorrelationHead',
        in_channels=256,
        loss=dict(type='CrossCorrelationLoss'),
    ),
)

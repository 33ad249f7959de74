"""BYOL + SCA on MaterialScenes.

Reproduces: nothing; SCA on BYOL (arXiv:2006.07733) of mmpretrain, which is
    the same config with model.weight=0.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/methods/byol_sca_r18_materials.py
"""

_base_ = [
    '../../_base_/models/sca_method_r18_thin.py',
    '../../_base_/datasets/material_scenes_twoview.py',
    '../../_base_/schedules/pretrain_15e_bs64.py',
    '../../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.BYOLSCA',
    base_momentum=0.01,
    neck=dict(
        type='NonLinearNeck',
        in_channels=128,
        hid_channels=256,
        out_channels=64,
        num_layers=2,
        with_bias=True,
        with_last_bn=False,
        with_avg_pool=True,
        norm_cfg=dict(type='BN1d'),
    ),
    head=dict(
        type='LatentPredictHead',
        loss=dict(type='CosineSimilarityLoss'),
        predictor=dict(
            type='NonLinearNeck',
            in_channels=64,
            hid_channels=256,
            out_channels=64,
            num_layers=2,
            with_bias=True,
            with_last_bn=False,
            with_avg_pool=False,
            norm_cfg=dict(type='BN1d'),
        ),
    ),
)

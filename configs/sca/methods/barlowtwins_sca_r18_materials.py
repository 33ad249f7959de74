"""Barlow Twins + SCA on MaterialScenes.

Reproduces: nothing; SCA on Barlow Twins (arXiv:2103.03230) of mmpretrain,
    which is the same config with model.weight=0.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/methods/barlowtwins_sca_r18_materials.py
"""

_base_ = '../../_base_/sca_method_r18_materials.py'

model = dict(
    type='mmsca.BarlowTwinsSCA',
    neck=dict(
        **_base_.mlp,
        out_channels=256,
        num_layers=3,
        with_last_bn=False,
        with_last_bn_affine=False,
    ),
    head=dict(
        type='LatentCrossCorrelationHead',
        in_channels=256,
        loss=dict(type='CrossCorrelationLoss'),
    ),
)

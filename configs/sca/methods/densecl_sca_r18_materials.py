"""DenseCL + SCA on MaterialScenes.

Reproduces: nothing; SCA on DenseCL (arXiv:2011.09157) of mmpretrain, which is
    the same config with model.weight=0.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/methods/densecl_sca_r18_materials.py
"""

_base_ = [
    '../../_base_/models/resnet18_thin.py',
    '../../_base_/datasets/material_scenes_twoview.py',
    '../../_base_/schedules/pretrain_10e_bs64.py',
    '../../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.DenseCLSCA',
    data_preprocessor=dict(
        type='SelfSupDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=True,
    ),
    queue_len=1024,
    feat_dim=64,
    momentum=0.01,
    loss_lambda=0.5,
    neck=dict(
        type='DenseCLNeck',
        in_channels=128,
        hid_channels=256,
        out_channels=64,
        num_grid=None,
    ),
    head=dict(
        type='ContrastiveHead',
        loss=dict(type='CrossEntropyLoss'),
        temperature=0.2,
    ),
    sca=dict(
        type='mmsca.SpatialCrossAttention', num_partners=4, temperature=0.1
    ),
    weight=0.7,
    warmup=0.2,
)
# As in mmpretrain's config of DenseCL.
find_unused_parameters = True

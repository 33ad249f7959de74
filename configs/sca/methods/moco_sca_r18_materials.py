"""MoCo v2 + SCA on MaterialScenes.

Reproduces: nothing; SCA on MoCo v2 (arXiv:2003.04297) of mmpretrain, which is
    the same config with model.weight=0.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/methods/moco_sca_r18_materials.py
"""

_base_ = '../../_base_/sca_method_r18_materials.py'

model = dict(
    type='mmsca.MoCoSCA',
    queue_len=1024,
    feat_dim=64,
    momentum=0.01,
    neck=dict(type='MoCoV2Neck', out_channels=64),
    head=dict(
        type='ContrastiveHead',
        loss=dict(type='CrossEntropyLoss'),
        temperature=0.2,
    ),
)

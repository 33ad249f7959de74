# What the configs of configs/sca/methods share: the thin ResNet-18, two views
# of MaterialScenes, and SCA.
_base_ = [
    './models/resnet18_thin.py',
    './models/sca.py',
    './datasets/material_scenes_twoview.py',
    './schedules/pretrain_15e_bs64.py',
    './default_runtime.py',
]

model = dict(
    data_preprocessor=dict(type='mmsca.MultiCropPreprocessor'),
    neck=dict(in_channels=128, hid_channels=256, with_avg_pool=True),
    **_base_.sca_block,
)
mlp = dict(type='NonLinearNeck', norm_cfg=dict(type='BN1d'))

# What the methods of configs/sca/methods share: the thin ResNet-18, and SCA.
_base_ = './resnet18_thin.py'

model = dict(
    data_preprocessor=dict(
        type='mmsca.MultiCropPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=True,
    ),
    sca=dict(type='mmsca.SpatialCrossAttention'),
    weight=0.7,
    warmup=0.2,
)

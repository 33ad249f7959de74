# What the methods of configs/sca/methods share: the thin ResNet-18, and SCA.
_base_ = './resnet18_thin.py'

model = dict(
    data_preprocessor=dict(
        type='mmsca.MultiCropPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=True,
    ),
    sca=dict(
        type='mmsca.SpatialCrossAttention',
        num_partners=4,
        num_negatives=16,
        temperature=0.1,
    ),
    weight=0.7,
    warmup=0.2,
)

# A linear classifier on the frozen, pooled features of ResNet-50.
_base_ = './resnet50.py'

model = dict(
    type='ImageClassifier',
    data_preprocessor=dict(type='ClsDataPreprocessor', num_classes=1000),
    backbone=dict(
        # All four stages and the stem: no gradient, BN in eval mode.
        frozen_stages=4,
        init_cfg=dict(type='Pretrained', checkpoint=''),
    ),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(
        type='LinearClsHead',
        num_classes=1000,
        in_channels=2048,
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0),
    ),
)
custom_hooks = [dict(type='mmsca.CheckpointCoverageHook')]

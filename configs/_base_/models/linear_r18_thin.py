# A linear classifier on the frozen, pooled features of the thin ResNet-18.
_base_ = './resnet18_thin.py'

model = dict(
    type='ImageClassifier',
    data_preprocessor=dict(type='ClsDataPreprocessor', num_classes=10),
    backbone=dict(
        # All four stages and the stem: no gradient, BN in eval mode.
        frozen_stages=4,
        init_cfg=dict(type='Pretrained', checkpoint=''),
    ),
    # The scale of features differs by orders of magnitude between backbones:
    # BN without weights gives each the same start, the untrained one too.
    neck=[
        dict(type='GlobalAveragePooling'),
        dict(type='ClsBatchNormNeck', input_features=128),
    ],
    head=dict(
        type='LinearClsHead',
        num_classes=10,
        in_channels=128,
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0),
    ),
)
custom_hooks = [dict(type='mmsca.CheckpointCoverageHook')]

# A linear classifier on the frozen features of any network of timm, which
# `model.backbone.model_name` names; width, mean and deviation follow.
model = dict(
    type='mmsca.ProbeClassifier',
    data_preprocessor=dict(type='ClsDataPreprocessor', to_rgb=True),
    backbone=dict(
        type='mmsca.TIMMBackbone',
        model_name='vit_small_patch16_224.dino',
        frozen=True,
        init_cfg=dict(type='Pretrained', checkpoint=''),
    ),
    head=dict(
        type='LinearClsHead',
        num_classes=1000,
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0),
    ),
)
custom_hooks = [dict(type='mmsca.CheckpointCoverageHook')]

"""Linear classification on a frozen backbone of timm, MaterialScenes.

Any network of timm: `model.backbone.model_name` is the one field that names
it, and width, mean and standard deviation follow. Images are enlarged from 64
to 224 px, which patches of 14 and of 16 pixels divide.

Expected score: not measured yet.
Hardware: one GPU, or a CPU with time to spare.
Data: python tools/make_material_scenes.py

CKPT is a file of timm:

    python tools/train.py configs/classification/timm_linear_materials.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT \
        model.backbone.model_name=vit_small_patch14_dinov2
"""

_base_ = [
    '../_base_/datasets/material_scenes_linear.py',
    '../_base_/schedules/linear_10e_bs128.py',
    '../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.ProbeClassifier',
    data_preprocessor=dict(
        type='ClsDataPreprocessor', num_classes=10, to_rgb=True
    ),
    backbone=dict(
        type='mmsca.TIMMBackbone',
        model_name='vit_small_patch16_224.dino',
        frozen=True,
        init_cfg=dict(type='Pretrained', checkpoint=''),
    ),
    # As in ../_base_/models/linear_r18_thin.py.
    neck=dict(type='ClsBatchNormNeck'),
    head=dict(
        type='LinearClsHead',
        num_classes=10,
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0),
    ),
)

train_pipeline = [
    dict(type='mmsca.SeedDraw'),
    dict(type='mmsca.LoadImage'),
    dict(type='RandomResizedCrop', scale=224, crop_ratio_range=(0.8, 1.0)),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
    dict(type='PackInputs'),
]
test_pipeline = [
    dict(type='mmsca.LoadImage'),
    dict(type='Resize', scale=(224, 224)),
    dict(type='PackInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))

custom_hooks = [dict(type='mmsca.CheckpointCoverageHook')]
default_hooks = dict(
    logger=dict(interval=8),
    checkpoint=dict(interval=10, max_keep_ckpts=1),
)

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
    '../_base_/models/linear_timm.py',
    '../_base_/datasets/material_scenes_linear.py',
    '../_base_/schedules/linear_10e_bs128.py',
    '../_base_/default_runtime.py',
]

model = dict(
    data_preprocessor=dict(num_classes=10),
    # As in ../_base_/models/linear_r18_thin.py.
    neck=dict(type='ClsBatchNormNeck'),
    head=dict(num_classes=10),
)
pipeline = [*_base_.train_dataloader.dataset.pipeline]
pipeline[2] = dict(
    type='RandomResizedCrop', scale=224, crop_ratio_range=(0.8, 1.0)
)
test_pipeline = [*_base_.test_dataloader.dataset.pipeline]
test_pipeline[1:1] = [dict(type='Resize', scale=(224, 224))]
train_dataloader = dict(dataset=dict(pipeline=pipeline))
val_dataloader = test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
default_hooks = dict(
    logger=dict(interval=8), checkpoint=dict(interval=10, max_keep_ckpts=1)
)

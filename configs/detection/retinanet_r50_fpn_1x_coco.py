"""RetinaNet R50-FPN on COCO 2017, 1x: transfer to a one-stage detector.

Reproduces: nothing published; mmdet's retinanet_r50_fpn_1x_coco.py with what
    mask-rcnn_r50_fpn_1x_coco.py changes: SyncBN in backbone and FPN, short
    side 640-800, nothing frozen. The head has no norm: its convolutions are
    shared by five levels, whose statistics differ.
Expected score (box AP): not measured yet.
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/detection/retinanet_r50_fpn_1x_coco.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'

custom_imports = dict(imports=['mmsca'], allow_failed_imports=False)

norm_cfg = dict(type='SyncBN', requires_grad=True)
model = dict(
    backbone=dict(
        type='mmpretrain.ResNet',
        frozen_stages=-1,
        norm_cfg=norm_cfg,
        norm_eval=False,
        init_cfg=dict(type='Pretrained', checkpoint='', prefix='backbone.'),
    ),
    neck=dict(norm_cfg=norm_cfg),
)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(
        type='RandomChoiceResize',
        scales=[(1333, side) for side in range(640, 801, 32)],
        keep_ratio=True,
    ),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackDetInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

val_evaluator = dict(type='FasterCocoMetric')
test_evaluator = val_evaluator

custom_hooks = [dict(type='mmsca.CheckpointCoverageHook')]

"""Mask R-CNN R50-FPN on COCO 2017, 1x, as mmdet's own SwAV row does it.

Reproduces: mmdet's configs/selfsup_pretrain: SyncBN in the backbone alone,
    2fc head, one scale, and the stem frozen (frozen_stages=0). A column of
    its own: mask-rcnn_r50_fpn_1x_coco.py gives about 1 AP more.
Expected score (box / mask AP): not measured yet. Published there: SwAV after
    800 epochs 39.1 / 35.7, MoCo v2 38.0 / 34.3.
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

The published row starts from the authors' file, whose names are bare: add
model.backbone.init_cfg.prefix=None.

    bash tools/dist_train.sh \
        configs/detection/mask-rcnn_r50-mmdet_fpn_1x_coco.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    'mmdet::selfsup_pretrain/mask-rcnn_r50-swav-pre_fpn_1x_coco.py',
    '../_base_/detection.py',
]

model = dict(backbone=_base_.backbone)
train_pipeline = [*_base_.masks_train.dataset.pipeline]
train_pipeline[2] = dict(type='Resize', scale=(1333, 800), keep_ratio=True)
train_dataloader = dict(
    dataset=dict(type='mmsca.CocoInstances', pipeline=train_pipeline)
)
val_dataloader = test_dataloader = _base_.masks_test
val_evaluator = test_evaluator = _base_.coco_metric
default_hooks = _base_.detection_hooks

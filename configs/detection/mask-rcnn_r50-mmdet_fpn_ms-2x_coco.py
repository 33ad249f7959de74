"""Mask R-CNN R50-FPN on COCO 2017, ms-2x, as mmdet's own SwAV row does it.

Reproduces: mmdet's configs/selfsup_pretrain as mask-rcnn_r50-mmdet_fpn_1x_
    coco.py does, with short sides drawn from 640-800 and 24 epochs.
Expected score (box / mask AP): not measured yet. Published there: SwAV after
    800 epochs 41.3 / 37.3, MoCo v2 40.8 / 36.8.
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh \
        configs/detection/mask-rcnn_r50-mmdet_fpn_ms-2x_coco.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    'mmdet::selfsup_pretrain/mask-rcnn_r50-swav-pre_fpn_ms-2x_coco.py',
    '../_base_/detection.py',
]

model = dict(backbone=_base_.backbone)
train_pipeline = [*_base_.masks_train.dataset.pipeline]
train_pipeline[2] = dict(
    type='RandomResize', scale=[(1333, 640), (1333, 800)], keep_ratio=True
)
train_dataloader = dict(
    dataset=dict(type='mmsca.CocoInstances', pipeline=train_pipeline)
)
val_dataloader = test_dataloader = _base_.masks_test
val_evaluator = test_evaluator = _base_.coco_metric
default_hooks = _base_.detection_hooks

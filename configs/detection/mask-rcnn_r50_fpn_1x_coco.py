"""Mask R-CNN R50-FPN on COCO 2017, 1x: the detection row of the comparison.

The protocol of MoCo, PyContrast and mmselfsup: SyncBN in backbone, FPN and
heads, 4conv1fc box head, short side 640-800, nothing frozen.

Expected score (box / mask AP): not measured yet for SCA. Published under
this protocol: SwAV 200 epochs 40.2 / 36.3 (mmselfsup), random weights
32.8 / 29.9 (PyContrast). mmdet's own SwAV configs freeze the stem, use
another head and one scale: their numbers do not compare.

Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/detection/mask-rcnn_r50_fpn_1x_coco.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
    '../_base_/detection.py',
]

norm_cfg = dict(type='SyncBN', requires_grad=True)
model = dict(
    backbone=dict(
        _base_.backbone,
        depth=50,
        out_indices=(0, 1, 2, 3),
        # -1 freezes nothing; 0, detectron2's FREEZE_AT, would freeze the stem.
        frozen_stages=-1,
        norm_cfg=norm_cfg,
        norm_eval=False,
        style='pytorch',
    ),
    neck=dict(norm_cfg=norm_cfg),
    roi_head=dict(
        bbox_head=dict(type='Shared4Conv1FCBBoxHead', norm_cfg=norm_cfg),
        mask_head=dict(norm_cfg=norm_cfg),
    ),
)

train_dataloader = _base_.masks_train
val_dataloader = test_dataloader = _base_.masks_test
val_evaluator = test_evaluator = _base_.coco_metric
default_hooks = _base_.detection_hooks

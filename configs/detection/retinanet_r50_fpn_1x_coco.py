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

_base_ = [
    'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py',
    '../_base_/detection.py',
]

norm_cfg = dict(type='SyncBN', requires_grad=True)
model = dict(
    backbone=dict(
        _base_.backbone, frozen_stages=-1, norm_cfg=norm_cfg, norm_eval=False
    ),
    neck=dict(norm_cfg=norm_cfg),
)
train_dataloader = _base_.boxes_train
val_dataloader = test_dataloader = _base_.boxes_test
val_evaluator = test_evaluator = _base_.coco_metric
shown = _base_.boxes_test.dataset.pipeline[-1].meta_keys
pack = dict(type='PackDetInputs', meta_keys=(*shown, 'flip', 'flip_direction'))
tta_pipeline = [
    dict(type='mmsca.LoadImage'),
    dict(
        type='TestTimeAug',
        transforms=[
            [
                dict(type='Resize', scale=scale, keep_ratio=True)
                for scale in ((1333, 800), (666, 400), (2000, 1200))
            ],
            [dict(type='RandomFlip', prob=prob) for prob in (1.0, 0.0)],
            [dict(type='LoadAnnotations', with_bbox=True)],
            [pack],
        ],
    ),
]
default_hooks = _base_.detection_hooks

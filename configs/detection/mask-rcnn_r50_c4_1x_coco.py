"""Mask R-CNN R50-C4 on COCO 2017, 1x: all of the ResNet is pretrained.

Reproduces: the C4 protocol of MoCo and PyContrast, by the schedule of
    mmselfsup's mask-rcnn_r50-c4_ms-1x_coco.py. Stages 1-3 are the backbone,
    stage 4 runs on each RoI, with one extra norm behind it; SyncBN
    everywhere, short side 640-800, nothing frozen.
Expected score (box / mask AP): not measured yet. Published under this
    protocol: MoCo v2 after 200 epochs 38.9 / 34.1, supervised (another
    recipe, MSRA's R-50) 38.2 / 33.3 (PyContrast).
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

The hook starts stage 4 from the file of the backbone: one option for both.

    bash tools/dist_train.sh configs/detection/mask-rcnn_r50_c4_1x_coco.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    'mmdet::mask_rcnn/mask-rcnn_r50-caffe-c4_1x_coco.py',
    '../_base_/datasets/detection_pipelines.py',
]

custom_imports = dict(
    # The second registers ResLayerExtraNorm with mmdet.
    imports=['mmsca', 'mmpretrain.models.utils.res_layer_extra_norm'],
    allow_failed_imports=False,
)

norm_cfg = dict(type='SyncBN', requires_grad=True)
model = dict(
    # The base is for weights of Caffe: BGR, not divided by a deviation.
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='mmpretrain.ResNet',
        frozen_stages=-1,
        norm_cfg=norm_cfg,
        norm_eval=False,
        style='pytorch',
        init_cfg=dict(type='Pretrained', checkpoint=''),
    ),
    roi_head=dict(
        shared_head=dict(
            type='ResLayerExtraNorm',
            norm_cfg=norm_cfg,
            norm_eval=False,
            style='pytorch',
        ),
    ),
)

train_dataloader = dict(
    dataset=dict(type='mmsca.CocoInstances', pipeline={{_base_.masks_train}})
)
val_dataloader = dict(
    dataset=dict(type='mmsca.CocoInstances', pipeline={{_base_.masks_test}})
)
test_dataloader = val_dataloader

val_evaluator = dict(type='FasterCocoMetric')
test_evaluator = val_evaluator

custom_hooks = [
    dict(
        type='mmsca.CheckpointCoverageHook',
        tail='roi_head.shared_head.layer4',
    )
]
default_hooks = dict(
    classes=dict(type='mmsca.ClassesHook'),
    visualization=dict(_delete_=True, type='mmsca.DetectionVisualizationHook'),
)

"""Faster R-CNN R50-C4 on VOC07+12, 24k iterations, tested on VOC07.

Reproduces: MoCo's VOC protocol by mmselfsup's faster-rcnn_r50-c4_ms-24k_
    voc0712.py: SyncBN everywhere and one extra norm behind stage 4, short
    side 480-800, drops after 18k and 22k iterations, a warm-up of 100.
Expected score (AP / AP50 / AP75, mean of 5 runs): not measured yet. Published
    with detectron2: random weights 33.8 / 60.2 / 33.1 (PixPro), supervised
    53.5 / 81.3 / 58.8, MoCo v2 after 200 epochs 57.0 / 82.4 / 63.6 (MoCo).
    mmselfsup, in mmdet: SwAV after 200 epochs AP50 77.64. The two do not
    share a column; README.md says what differs.
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.
Data: data/VOCdevkit/{VOC2007,VOC2012}

    bash tools/dist_train.sh \
        configs/detection/faster-rcnn_r50_c4_24k_voc0712.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    'mmdet::pascal_voc/faster-rcnn_r50-caffe-c4_ms-18k_voc0712.py',
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
            # The base has Caffe's weights here; the hook loads ours.
            init_cfg=None,
        ),
    ),
)

train_pipeline = [
    dict(type='mmsca.LoadImage'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(
        type='RandomChoiceResize',
        scales=[(1333, side) for side in range(480, 801, 32)],
        keep_ratio=True,
    ),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackDetInputs'),
]
train_dataloader = dict(
    dataset=dict(
        datasets=[
            dict(
                type='mmsca.VOCObjects',
                data_root={{_base_.data_root}},
                ann_file=f'{year}/ImageSets/Main/trainval.txt',
                data_prefix=dict(sub_data_root=f'{year}/'),
                filter_cfg=dict(filter_empty_gt=True, min_size=32),
                pipeline=train_pipeline,
            )
            for year in ('VOC2007', 'VOC2012')
        ],
        # They call themselves different data sets.
        ignore_keys=['dataset_type'],
    )
)
val_dataloader = dict(
    dataset=dict(type='mmsca.VOCObjects', pipeline={{_base_.boxes_test}})
)
test_dataloader = val_dataloader

train_cfg = dict(max_iters=24000, val_interval=2000)
param_scheduler = [
    dict(
        type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=100
    ),
    dict(
        type='MultiStepLR',
        begin=0,
        end=24000,
        by_epoch=False,
        milestones=[18000, 22000],
        gamma=0.1,
    ),
]
default_hooks = dict(
    checkpoint=dict(interval=2000),
    classes=dict(type='mmsca.ClassesHook'),
    visualization=dict(_delete_=True, type='mmsca.DetectionVisualizationHook'),
)

# mAP, AP50 and AP75 of the log are AP, AP50 and AP75: 11 points each, and AP
# is the mean over the ten thresholds, as in detectron2.
val_evaluator = dict(
    iou_thrs=[0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
)
test_evaluator = val_evaluator

custom_hooks = [
    dict(
        type='mmsca.CheckpointCoverageHook',
        tail='roi_head.shared_head.layer4',
    )
]

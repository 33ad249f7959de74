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
    '../_base_/detection.py',
    '../_base_/models/c4_r50.py',
]

custom_imports = _base_.c4_imports
custom_hooks = _base_.c4_hooks
model = _base_.c4_model
# The base has Caffe's weights here; the hook loads ours.
model.roi_head.shared_head.init_cfg = None

train_pipeline = [*_base_.boxes_train.dataset.pipeline]
train_pipeline[2] = dict(
    type='RandomChoiceResize',
    scales=[(1333, side) for side in range(480, 801, 32)],
    keep_ratio=True,
)
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
val_dataloader = test_dataloader = dict(
    dataset=dict(
        type='mmsca.VOCObjects',
        pipeline=_base_.boxes_test.dataset.pipeline,
    )
)

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
default_hooks = dict(_base_.detection_hooks, checkpoint=dict(interval=2000))

# mAP, AP50 and AP75 of the log are AP, AP50 and AP75: 11 points each, and AP
# is the mean over the ten thresholds, as in detectron2.
val_evaluator = test_evaluator = dict(
    iou_thrs=[0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
)

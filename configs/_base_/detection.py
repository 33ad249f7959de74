# What detection configs put on top of those of mmdet: images read by
# mmsca.LoadImage, hooks and metric. A config takes a value by its name, as
# `train_dataloader = _base_.masks_train`.
custom_imports = dict(imports=['mmsca'], allow_failed_imports=False)
custom_hooks = [dict(type='mmsca.CheckpointCoverageHook')]
detection_hooks = dict(
    classes=dict(type='mmsca.ClassesHook'),
    visualization=dict(_delete_=True, type='mmsca.DetectionVisualizationHook'),
)
# The numbers of CocoMetric, several times as fast: benchmarks/README.md.
coco_metric = dict(type='FasterCocoMetric')
# The class that pretraining has, in place of mmdet's.
backbone = dict(
    type='mmpretrain.ResNet',
    init_cfg=dict(type='Pretrained', checkpoint=''),
)


def loaders(**annotations):
    """Of mmdet's coco_instance.py, coco_detection.py and voc0712.py."""
    load = dict(type='mmsca.LoadImage')
    annotate = dict(type='LoadAnnotations', with_bbox=True, **annotations)
    multi_scale = dict(
        type='RandomChoiceResize',
        scales=[(1333, side) for side in range(640, 801, 32)],
        keep_ratio=True,
    )
    flip = dict(type='RandomFlip', prob=0.5)
    resize = dict(type='Resize', scale=(1333, 800), keep_ratio=True)
    keys = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')
    pack = dict(type='PackDetInputs', meta_keys=keys)
    train = [load, annotate, multi_scale, flip, dict(type='PackDetInputs')]
    test = [load, resize, annotate, pack]
    return [
        dict(dataset=dict(type='mmsca.CocoInstances', pipeline=pipeline))
        for pipeline in (train, test)
    ]


masks_train, masks_test = loaders(with_mask=True)
boxes_train, boxes_test = loaders()
schedule_2x = [
    dict(
        type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=1000
    ),
    dict(
        type='MultiStepLR',
        begin=0,
        end=24,
        by_epoch=True,
        milestones=[16, 22],
        gamma=0.1,
    ),
]

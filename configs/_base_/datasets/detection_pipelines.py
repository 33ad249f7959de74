# What detectors load: the steps of mmdet's coco_instance.py,
# coco_detection.py and voc0712.py, whose images mmsca.LoadImage reads. A
# config takes a list by its name, as {{_base_.masks_test}}.
multi_scale = dict(
    type='RandomChoiceResize',
    scales=[(1333, side) for side in range(640, 801, 32)],
    keep_ratio=True,
)
meta_keys = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')

masks_train = [
    dict(type='mmsca.LoadImage'),
    dict(type='LoadAnnotations', with_bbox=True, with_mask=True),
    multi_scale,
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackDetInputs'),
]
masks_test = [
    dict(type='mmsca.LoadImage'),
    dict(type='Resize', scale=(1333, 800), keep_ratio=True),
    dict(type='LoadAnnotations', with_bbox=True, with_mask=True),
    dict(type='PackDetInputs', meta_keys=meta_keys),
]
boxes_train = [
    dict(type='mmsca.LoadImage'),
    dict(type='LoadAnnotations', with_bbox=True),
    multi_scale,
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackDetInputs'),
]
boxes_test = [
    dict(type='mmsca.LoadImage'),
    dict(type='Resize', scale=(1333, 800), keep_ratio=True),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='PackDetInputs', meta_keys=meta_keys),
]

"""Localization without labels on any folder in COCO's format, ResNet-50.

Reproduces: no published number. CorLoc is measured as in object discovery
(LOST, BMVC 2021): one box per image against the boxes of all its objects,
here in the 224 x 224 centre that the backbone sees. Thresholds are chosen on
the images of train2017. For a folder of another layout set `data_root`,
`ann_file` and `data_prefix`; the last two in calibration_dataset as well.

Expected score (CorLoc): not measured yet.
Hardware: any; one forward pass per image.

    python tools/test.py configs/localization/r50_labelfree_coco.py \
        PRETRAINING_CKPT --cfg-options \
        test_dataloader.dataset.data_root=FOLDER
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/class_maps.py',
    '../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.LabelFreeCAM',
    cam_method='eigen',
    data_preprocessor=dict(type='ClsDataPreprocessor'),
)
keys = ('ori_gt_bboxes', 'ori_size', 'crop_window', 'gt_mask')
test_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.COCOLocalization',
        data_root='data/coco',
        ann_file='annotations/instances_val2017.json',
        data_prefix='val2017',
        class_agnostic=True,
        test_mode=True,
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='ResizeEdge', scale=256, edge='short'),
            dict(type='mmsca.CenterCrop', crop_size=224),
            dict(type='mmsca.LoadObjectMask'),
            dict(type='PackInputs', algorithm_keys=keys),
        ],
    ),
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    calibration_dataset=dict(
        ann_file='annotations/instances_train2017.json',
        data_prefix='train2017',
        indices=5000,  # enough to choose a threshold by
    ),
)
test_evaluator = [
    dict(type='mmsca.CAMLocalization'),
    dict(type='mmsca.CAMPixelAP'),
]
default_hooks = _base_.cam_hooks

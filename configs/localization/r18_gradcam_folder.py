"""Grad-CAM localization with a linear classifier, your own boxes.

Reproduces: nothing; r50_gradcam_in1k.py on class folders with boxes. The
    thresholds are chosen on the val split.
Expected score: depends on your images.
Hardware: any; one forward and backward pass per image.
Data: python tools/split_folder.py FOLDER

    python tools/test.py configs/localization/r18_gradcam_folder.py \
        LINEAR_CKPT --cfg-options \
        train_dataloader.dataset.data_root=FOLDER \
        test_dataloader.dataset.data_root=FOLDER \
        test_cfg.calibration_dataloader.dataset.data_root=FOLDER
"""

_base_ = '../classification/r18_linear_folder.py'

model = dict(type='mmsca.CAMClassifier', cam_method='gradcam', cam_target='gt')
test_pipeline = [
    dict(type='mmsca.LoadImage'),
    dict(type='ResizeEdge', scale=256, edge='short', backend='pillow'),
    dict(type='mmsca.CenterCrop', crop_size=224),
    dict(
        type='PackInputs',
        algorithm_keys=('ori_gt_bboxes', 'ori_size', 'crop_window'),
    ),
]
test_dataloader = dict(
    _delete_=True,
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.COCOLocalization',
        data_root='data/folder',
        ann_file='splits/boxes_test.json',
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    calibration_dataloader=dict(
        batch_size=64,
        num_workers=2,
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='mmsca.stack_images'),
        dataset=dict(
            type='mmsca.COCOLocalization',
            data_root='data/folder',
            ann_file='splits/boxes_val.json',
            test_mode=True,
            pipeline=test_pipeline,
        ),
    ),
)
test_evaluator = [
    dict(type='mmsca.CAMLocalization', threshold='val', pointing_tolerance=15),
    dict(type='Accuracy', topk=(1,)),
]

default_hooks = dict(
    visualization=dict(
        _delete_=True, type='mmsca.CAMVisualizationHook', enable=False
    )
)

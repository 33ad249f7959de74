"""Grad-CAM localization with a linear classifier, Tiny ImageNet.

The small twin of r50_gradcam_in1k.py: thresholds from the val split, results
on the test split, which is the official val. Most boxes fill their image, so
the main scores, `object/*`, are of the images whose box covers 6 to 50 % of
the area; `cam/*` is of all. The pointing game has no tolerance at 64 px.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: data/tinyimagenet, as configs/sca/README.md makes it.

    python tools/test.py configs/localization/r18_gradcam_tinyimagenet.py \
        LINEAR_CKPT
"""

_base_ = '../classification/r18_linear_tinyimagenet.py'

model = dict(type='mmsca.CAMClassifier', cam_method='gradcam', cam_target='gt')
test_pipeline = [
    dict(type='mmsca.LoadImage'),
    dict(type='PackInputs', algorithm_keys=('ori_gt_bboxes', 'ori_size')),
]
test_dataloader = dict(
    _delete_=True,
    batch_size=128,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.COCOLocalization',
        data_root='data/tinyimagenet',
        ann_file='splits/boxes_test.json',
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    # The val split chooses the thresholds.
    calibration_dataloader=dict(
        batch_size=128,
        num_workers=1,
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='mmsca.stack_images'),
        dataset=dict(
            type='mmsca.COCOLocalization',
            data_root='data/tinyimagenet',
            ann_file='splits/boxes_val.json',
            test_mode=True,
            pipeline=test_pipeline,
        ),
    ),
)
test_evaluator = [
    dict(
        type='mmsca.CAMLocalization',
        prefix='object',
        area=(0.06, 0.5),
        threshold='val',
        pointing_tolerance=0,
    ),
    dict(type='mmsca.CAMLocalization', threshold='val', pointing_tolerance=0),
    dict(type='Accuracy', topk=(1,)),
]

default_hooks = dict(
    visualization=dict(
        _delete_=True, type='mmsca.CAMVisualizationHook', enable=False
    )
)

"""Grad-CAM localization with a linear classifier, MaterialScenes.

The small twin of r50_gradcam_in1k.py: thresholds from the val split, results
on the test split. The pointing game has no tolerance at 64 px.

Expected score: the table of README.md, one seed.
Hardware: one CPU core, no GPU.

    python tools/test.py configs/localization/r18_gradcam_materials.py \
        LINEAR_CKPT
"""

_base_ = '../classification/r18_linear_materials.py'

model = dict(type='mmsca.CAMClassifier', cam_method='gradcam', cam_target='gt')

# Names for the pictures.
classes = (
    'brick',
    'coins',
    'fur',
    'grass',
    'gravel',
    'page',
    'petals',
    'stars',
    'tissue',
    'wood',
)
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
        type='mmsca.WSOLDataset',
        data_root='data/material_scenes',
        ann_file='metadata/test',
        metainfo=dict(classes=classes),
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
            type='mmsca.WSOLDataset',
            data_root='data/material_scenes',
            ann_file='metadata/val',
            metainfo=dict(classes=classes),
            test_mode=True,
            pipeline=test_pipeline,
        ),
    ),
)
test_evaluator = [
    dict(type='mmsca.CAMLocalization', threshold='val', pointing_tolerance=0),
    dict(type='Accuracy', topk=(1, 5)),
]

default_hooks = dict(
    visualization=dict(
        _delete_=True, type='mmsca.CAMVisualizationHook', enable=False
    )
)

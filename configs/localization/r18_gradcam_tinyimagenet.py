"""Grad-CAM localization with a linear classifier, Tiny ImageNet.

The small twin of r50_gradcam_in1k.py: thresholds from the val split, results
on the test split, which is the official val. Most boxes fill their image, so
the main scores, `object/*`, are of the images whose box covers 6 to 50 % of
the area; `cam/*` is of all. The pointing game has no tolerance at 64 px.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py tinyimagenet tiny-imagenet-200.zip

    python tools/test.py configs/localization/r18_gradcam_tinyimagenet.py \
        LINEAR_CKPT
"""

_base_ = [
    '../classification/r18_linear_tinyimagenet.py',
    '../_base_/class_maps.py',
]

model = _base_.cam_model
boxes = dict(
    type='mmsca.COCOLocalization',
    data_root='data/tinyimagenet',
    test_mode=True,
    pipeline=[
        dict(type='mmsca.LoadImage'),
        dict(type='PackInputs', algorithm_keys=('ori_gt_bboxes', 'ori_size')),
    ],
)
test_dataloader = dict(
    dataset=dict(**boxes, _delete_=True, ann_file='splits/boxes_test.json')
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    # The val split chooses the thresholds.
    calibration_dataloader=dict(
        _base_.test_dataloader,
        persistent_workers=False,
        dataset=dict(**boxes, ann_file='splits/boxes_val.json'),
    ),
)
scores = dict(
    type='mmsca.CAMLocalization', threshold='val', pointing_tolerance=0
)
test_evaluator = [
    dict(scores, prefix='object', area=(0.06, 0.5)),
    scores,
    dict(type='Accuracy', topk=(1,)),
]
default_hooks = _base_.cam_hooks

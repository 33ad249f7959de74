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
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmsca.COCOLocalization',
        data_root='data/tinyimagenet',
        ann_file='splits/boxes_test.json',
        test_mode=True,
        pipeline=[dict(type='mmsca.LoadImage'), _base_.pack_boxes],
    )
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    calibration_dataset=dict(ann_file='splits/boxes_val.json'),
)
test_evaluator = [
    dict(_base_.small_scores, prefix='object', area=(0.06, 0.5)),
    _base_.small_scores,
    dict(type='Accuracy', topk=(1,)),
]
default_hooks = _base_.cam_hooks

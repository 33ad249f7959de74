"""Grad-CAM localization with a linear classifier on ResNet-50, ImageNet.

Reproduces: no published number; the protocol is ours, with the data, boxes
and metrics of the WSOL benchmark (Choe et al., CVPR 2020) and the threshold
chosen on ImageNetV2, not on the images tested. Reports linear top-1 and
top-5 on the same (squeezed, not cropped) inputs along the way.

Expected score (MaxBoxAccV2): not measured yet.

Hardware: any; 60,000 forward passes. Time: not measured yet.

    python tools/test.py configs/localization/r50_gradcam_in1k.py LINEAR_CKPT
"""

_base_ = [
    '../classification/r50_linear_in1k.py',
    '../_base_/class_maps.py',
]

model = _base_.cam_model
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmsca.WSOLDataset',
        data_root='data/imagenet',
        ann_file='metadata/test',
        test_mode=True,
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='Resize', scale=(224, 224), keep_ratio=False),
            _base_.pack_boxes,
        ],
    )
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    # ImageNetV2.
    calibration_dataset=dict(ann_file='metadata/val'),
)
test_evaluator = [
    dict(type='mmsca.CAMLocalization'),
    dict(type='Accuracy', topk=(1, 5)),
]
default_hooks = _base_.cam_hooks

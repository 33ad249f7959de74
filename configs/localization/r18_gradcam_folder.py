"""Grad-CAM localization with a linear classifier, your own boxes.

Reproduces: nothing; r50_gradcam_in1k.py on class folders with boxes. The
    thresholds are chosen on the val split.
Expected score: depends on your images.
Hardware: any; one forward and backward pass per image.
Data: python tools/split_folder.py FOLDER

    python tools/test.py configs/localization/r18_gradcam_folder.py \
        LINEAR_CKPT --cfg-options \
        train_dataloader.dataset.data_root=FOLDER \
        test_dataloader.dataset.data_root=FOLDER
"""

_base_ = [
    '../classification/r18_linear_folder.py',
    '../_base_/class_maps.py',
]

model = _base_.cam_model
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmsca.COCOLocalization',
        data_root='data/folder',
        ann_file='splits/boxes_test.json',
        test_mode=True,
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='ResizeEdge', scale=256, edge='short', backend='pillow'),
            dict(type='mmsca.CenterCrop', crop_size=224),
            dict(
                type='PackInputs',
                algorithm_keys=('ori_gt_bboxes', 'ori_size', 'crop_window'),
            ),
        ],
    )
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    calibration_dataset=dict(ann_file='splits/boxes_val.json'),
)
test_evaluator = [
    dict(type='mmsca.CAMLocalization'),
    dict(type='Accuracy', topk=(1,)),
]
default_hooks = _base_.cam_hooks

"""Grad-CAM localization with a linear classifier, MaterialScenes.

The small twin of r50_gradcam_in1k.py: thresholds from the val split, results
on the test split. The pointing game has no tolerance at 64 px.

Expected score: the table of README.md, one seed.
Hardware: one CPU core, no GPU.

    python tools/test.py configs/localization/r18_gradcam_materials.py \
        LINEAR_CKPT
"""

_base_ = [
    '../classification/r18_linear_materials.py',
    '../_base_/class_maps.py',
]

model = _base_.cam_model
names = 'brick coins fur grass gravel page petals stars tissue wood'
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmsca.WSOLDataset',
        data_root='data/material_scenes',
        ann_file='metadata/test',
        # Names for the pictures.
        metainfo=dict(classes=tuple(names.split())),
        test_mode=True,
        pipeline=[dict(type='mmsca.LoadImage'), _base_.pack_boxes],
    )
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    calibration_dataset=dict(ann_file='metadata/val'),
)
test_evaluator = [_base_.small_scores, dict(type='Accuracy', topk=(1, 5))]
default_hooks = _base_.cam_hooks

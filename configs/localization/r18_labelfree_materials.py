"""Localization without labels by a pretrained backbone, MaterialScenes.

Where a SwAV checkpoint looks, before any linear classifier: maps of its
prototypes, or of the backbone alone with --cfg-options model.cam_method=eigen
or channel_sum. Thresholds from the val split, results on the test split;
PxAP against the masks.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.

    python tools/test.py configs/localization/r18_labelfree_materials.py \
        PRETRAINING_CKPT
"""

_base_ = [
    '../_base_/models/swav_r18_thin.py',
    '../_base_/class_maps.py',
    '../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.LabelFreeCAM',
    cam_method='prototype',
    data_preprocessor=dict(type='ClsDataPreprocessor'),
)
test_dataloader = dict(
    batch_size=128,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.COCOLocalization',
        data_root='data/material_scenes',
        ann_file='annotations/masks_test.json',
        test_mode=True,
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='mmsca.LoadObjectMask'),
            _base_.pack_masks,
        ],
    ),
)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    calibration_dataset=dict(ann_file='annotations/masks_val.json'),
)
test_evaluator = [_base_.small_scores, dict(type='mmsca.CAMPixelAP')]
default_hooks = _base_.cam_hooks

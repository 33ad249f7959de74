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


def loader(split, **fields):
    return dict(
        batch_size=128,
        num_workers=1,
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='mmsca.stack_images'),
        dataset=dict(
            type='mmsca.COCOLocalization',
            data_root='data/material_scenes',
            ann_file=f'annotations/masks_{split}.json',
            pipeline=[
                dict(type='mmsca.LoadImage'),
                dict(type='mmsca.LoadObjectMask'),
                dict(
                    type='PackInputs',
                    algorithm_keys=('ori_gt_bboxes', 'ori_size', 'gt_mask'),
                ),
            ],
            test_mode=True,
        ),
        **fields,
    )


test_dataloader = loader('test', persistent_workers=True)
test_cfg = dict(
    type='mmsca.CalibratedTestLoop',
    # The val split chooses the thresholds.
    calibration_dataloader=loader('val'),
)
test_evaluator = [
    dict(type='mmsca.CAMLocalization', threshold='val', pointing_tolerance=0),
    dict(type='mmsca.CAMPixelAP'),
]
default_hooks = _base_.cam_hooks

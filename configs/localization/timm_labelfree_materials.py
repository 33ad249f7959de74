"""Localization without labels by a backbone of timm, MaterialScenes.

The protocol of r18_labelfree_materials.py at 224 px, with the first principal
component of the last map. That of a vision transformer is its patch tokens.

Expected score: not measured yet.
Hardware: one GPU, or a CPU with time to spare.

The checkpoint of ../classification/timm_linear_materials.py holds the frozen
backbone, of the same `model.backbone.model_name`:

    python tools/test.py configs/localization/timm_labelfree_materials.py \
        LINEAR_CKPT
"""

_base_ = './r18_labelfree_materials.py'

model = dict(
    _delete_=True,
    type='mmsca.LabelFreeCAM',
    cam_method='eigen',
    data_preprocessor=dict(type='ClsDataPreprocessor', to_rgb=True),
    backbone=dict(
        type='mmsca.TIMMBackbone',
        model_name='vit_small_patch16_224.dino',
        out_type='map',
    ),
)
test_pipeline = [
    dict(type='mmsca.LoadImage'),
    dict(type='Resize', scale=(224, 224)),
    dict(type='mmsca.LoadObjectMask'),
    dict(
        type='PackInputs',
        algorithm_keys=('ori_gt_bboxes', 'ori_size', 'gt_mask'),
    ),
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_cfg = dict(calibration_dataloader=test_dataloader)

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
pipeline = [*_base_.test_dataloader.dataset.pipeline]
pipeline[1:1] = [dict(type='Resize', scale=(224, 224))]
test_dataloader = dict(dataset=dict(pipeline=pipeline))

"""Grad-CAM localization with a linear classifier on timm, MaterialScenes.

The protocol of r18_gradcam_materials.py at 224 px. The map of a vision
transformer is its patch tokens where the last attention reads them.

Expected score: not measured yet.
Hardware: one GPU, or a CPU with time to spare.

LINEAR_CKPT is one of ../classification/timm_linear_materials.py, of the same
`model.backbone.model_name`:

    python tools/test.py configs/localization/timm_gradcam_materials.py \
        LINEAR_CKPT
"""

_base_ = './r18_gradcam_materials.py'

model = _base_.cam_timm_model
model.data_preprocessor.num_classes = model.head.num_classes = 10
pipeline = [*_base_.test_dataloader.dataset.pipeline]
pipeline[1:1] = [dict(type='Resize', scale=(224, 224))]
test_dataloader = dict(dataset=dict(pipeline=pipeline))

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
test_pipeline = [
    dict(type='mmsca.LoadImage'),
    dict(type='Resize', scale=(224, 224)),
    dict(type='PackInputs', algorithm_keys=('ori_gt_bboxes', 'ori_size')),
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_cfg = dict(calibration_dataloader=test_dataloader)

"""Grad-CAM localization with a linear classifier of timm, your own boxes.

Reproduces: nothing; r18_gradcam_folder.py with any network of timm, named by
    `model.backbone.model_name`, which takes 224 px.
Expected score: depends on your images.
Hardware: any; one forward and backward pass per image.
Data: python tools/split_folder.py FOLDER

    python tools/test.py configs/localization/timm_gradcam_folder.py \
        LINEAR_CKPT --cfg-options \
        train_dataloader.dataset.data_root=FOLDER \
        test_dataloader.dataset.data_root=FOLDER
"""

_base_ = './r18_gradcam_folder.py'

model = _base_.cam_timm_model

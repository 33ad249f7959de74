"""Grad-CAM localization with a linear classifier, CUB-200-2011.

Reproduces: nothing; r18_gradcam_folder.py on birds, whose boxes the WSOL
    benchmark (Choe et al., CVPR 2020) uses too.
Expected score: not measured yet.
Hardware: any; one forward and backward pass per image.
Data: python tools/prepare_data.py cub200 CUB_200_2011.tgz

    python tools/test.py configs/localization/r18_gradcam_cub200.py \
        LINEAR_CKPT
"""

_base_ = './r18_gradcam_folder.py'

data = dict(dataset=dict(data_root='data/cub200'))
train_dataloader = val_dataloader = test_dataloader = data

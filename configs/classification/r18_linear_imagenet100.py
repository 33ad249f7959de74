"""Linear classification on the frozen ResNet-18, ImageNet-100.

Reproduces: nothing; r18_linear_folder.py on 100 classes of ImageNet.
Expected score: not measured yet.
Hardware: one GPU.
Data: python tools/prepare_data.py imagenet100 IMAGENET

    python tools/train.py configs/classification/r18_linear_imagenet100.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_linear_folder.py'

data = dict(dataset=dict(data_root='data/imagenet100'))
train_dataloader = val_dataloader = test_dataloader = data

"""Linear classification on the frozen ResNet-18, CUB-200-2011.

Reproduces: nothing; r18_linear_folder.py on birds.
Expected score: not measured yet.
Hardware: one GPU.
Data: python tools/prepare_data.py cub200 CUB_200_2011.tgz

    python tools/train.py configs/classification/r18_linear_cub200.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_linear_folder.py'

data = dict(dataset=dict(data_root='data/cub200'))
train_dataloader = val_dataloader = test_dataloader = data

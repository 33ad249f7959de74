"""Linear classification on the frozen thin ResNet-18, STL-10.

Reproduces: nothing; r18_linear_tinyimagenet.py on images of 96 px.
Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py stl10 stl10_binary.tar.gz

    python tools/train.py configs/classification/r18_linear_stl10.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_linear_tinyimagenet.py'

data = dict(data_root='data/stl10')
pipeline = [*_base_.train_dataloader.dataset.pipeline]
pipeline[2] = dict(pipeline[2], scale=96)
train_dataloader = dict(dataset=dict(**data, pipeline=pipeline))
val_dataloader = test_dataloader = dict(dataset=data)

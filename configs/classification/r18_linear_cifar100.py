"""Linear classification on the frozen thin ResNet-18, CIFAR-100.

Reproduces: nothing; r18_linear_tinyimagenet.py on images of 32 px, enlarged
    to 48.
Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py cifar100 cifar-100-python.tar.gz

    python tools/train.py configs/classification/r18_linear_cifar100.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_linear_tinyimagenet.py'

data = dict(data_root='data/cifar100')
pipeline = [*_base_.train_dataloader.dataset.pipeline]
pipeline[2] = dict(pipeline[2], scale=48)
test_pipeline = [*_base_.test_dataloader.dataset.pipeline]
test_pipeline[1:1] = [dict(type='Resize', scale=48)]
train_dataloader = dict(dataset=dict(**data, pipeline=pipeline))
val_dataloader = test_dataloader = dict(
    dataset=dict(**data, pipeline=test_pipeline)
)

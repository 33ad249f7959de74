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
train_dataloader = dict(
    dataset=dict(
        **data,
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            dict(type='mmsca.LoadImage'),
            dict(
                type='RandomResizedCrop',
                scale=48,
                crop_ratio_range=(0.5, 1.0),
            ),
            dict(type='RandomFlip', prob=0.5, direction='horizontal'),
            dict(type='PackInputs'),
        ],
    )
)
val_dataloader = test_dataloader = dict(
    dataset=dict(
        **data,
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='Resize', scale=48),
            dict(type='PackInputs'),
        ],
    )
)

# ImageNet without labels, 2x224 + 6x96 views: the authors' recipe
# (facebookresearch/swav, src/multicropdataset.py). The class folders are
# below data/imagenet/train; any other folder of images works as well.
color_transforms = [
    dict(type='RandomFlip', prob=0.5),
    dict(
        type='RandomApply',
        transforms=[
            dict(
                type='ColorJitter',
                brightness=0.8,
                contrast=0.8,
                saturation=0.8,
                hue=0.2,
            )
        ],
        prob=0.8,
    ),
    dict(
        type='RandomGrayscale',
        prob=0.2,
        keep_channels=True,
        channel_weights=(0.114, 0.587, 0.2989),
    ),
    # Radius uniform in 0.1-2 pixels.
    dict(
        type='GaussianBlur',
        magnitude_range=(0.1, 2.0),
        magnitude_std='inf',
        prob=0.5,
    ),
]

train_dataloader = dict(
    batch_size=32,
    num_workers=8,
    drop_last=True,
    persistent_workers=True,
    sampler=dict(type='mmsca.KeyedSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='mmsca.ImageFolder',
        data_root='data/imagenet',
        data_prefix='train',
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            dict(type='LoadImageFromFile'),
            dict(
                type='mmsca.MultiCrop',
                num_crops=[2, 6],
                sizes=[224, 96],
                scales=[(0.14, 1.0), (0.05, 0.14)],
                transforms=color_transforms,
            ),
            dict(type='PackInputs'),
        ],
    ),
)

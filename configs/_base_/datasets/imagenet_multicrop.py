# ImageNet without labels, 2x224 + 6x96 views with the recipe of SwAV's
# authors, the default of mmsca.MultiCrop. The class folders are below
# data/imagenet/train; any other folder of images works as well.
train_dataloader = dict(
    batch_size=32,
    num_workers=8,
    drop_last=True,
    persistent_workers=True,
    sampler=dict(type='mmsca.KeyedSampler', shuffle=True),
    collate_fn=dict(type='mmsca.pack_views'),
    dataset=dict(
        type='mmsca.ImageFolder',
        data_root='data/imagenet',
        data_prefix='train',
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            dict(
                type='mmsca.MultiCrop',
                num_crops=[2, 6],
                sizes=[224, 96],
                scales=[(0.14, 1.0), (0.05, 0.14)],
            ),
        ],
    ),
)

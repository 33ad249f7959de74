# MaterialScenes without labels, 2x48 + 2x24 views of 64 px scenes. The recipe
# of ImageNet without blur, which erases texture at this size, and without
# changes of hue and saturation: the scenes are greyish.
color_transforms = [
    dict(type='RandomFlip', prob=0.5),
    dict(
        type='RandomApply',
        transforms=[dict(type='ColorJitter', brightness=0.4, contrast=0.4)],
        prob=0.8,
    ),
]

train_dataloader = dict(
    batch_size=64,
    num_workers=1,
    drop_last=True,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='mmsca.ImageFolder',
        data_root='data/material_scenes',
        data_prefix='train',
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(
                type='mmsca.MultiCrop',
                num_crops=[2, 2],
                sizes=[48, 24],
                scales=[(0.4, 1.0), (0.1, 0.4)],
                transforms=color_transforms,
            ),
            dict(type='PackInputs'),
        ],
    ),
)

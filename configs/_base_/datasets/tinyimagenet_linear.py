# Tiny ImageNet with labels, 64 px, by the lists of tools/split_folder.py.
train_dataloader = dict(
    batch_size=128,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='mmsca.KeyedSampler', shuffle=True),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.ClassFolders',
        data_root='data/tinyimagenet',
        ann_file='splits/train.txt',
        classes='splits/classes.txt',
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            dict(type='mmsca.LoadImage'),
            dict(
                type='RandomResizedCrop',
                scale=64,
                crop_ratio_range=(0.5, 1.0),
            ),
            dict(type='RandomFlip', prob=0.5, direction='horizontal'),
            dict(type='PackInputs'),
        ],
    ),
)
val_dataloader = dict(
    batch_size=128,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.ClassFolders',
        data_root='data/tinyimagenet',
        ann_file='splits/val.txt',
        classes='splits/classes.txt',
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='PackInputs'),
        ],
    ),
)
test_dataloader = dict(
    batch_size=128,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.ClassFolders',
        data_root='data/tinyimagenet',
        ann_file='splits/test.txt',
        classes='splits/classes.txt',
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='PackInputs'),
        ],
    ),
)
val_evaluator = dict(type='Accuracy', topk=(1,))
test_evaluator = val_evaluator

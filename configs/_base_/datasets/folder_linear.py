# Class folders of your own, 224 px, by the lists of tools/split_folder.py.
train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='mmsca.KeyedSampler', shuffle=True),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.ClassFolders',
        data_root='data/folder',
        ann_file='splits/train.txt',
        classes='splits/classes.txt',
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            dict(type='mmsca.LoadImage'),
            dict(type='RandomResizedCrop', scale=224, backend='pillow'),
            dict(type='RandomFlip', prob=0.5, direction='horizontal'),
            dict(type='PackInputs'),
        ],
    ),
)
test_pipeline = [
    dict(type='mmsca.LoadImage'),
    dict(type='ResizeEdge', scale=256, edge='short', backend='pillow'),
    dict(type='CenterCrop', crop_size=224),
    dict(type='PackInputs'),
]
val_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.ClassFolders',
        data_root='data/folder',
        ann_file='splits/val.txt',
        classes='splits/classes.txt',
        pipeline=test_pipeline,
    ),
)
test_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.ClassFolders',
        data_root='data/folder',
        ann_file='splits/test.txt',
        classes='splits/classes.txt',
        pipeline=test_pipeline,
    ),
)
val_evaluator = dict(type='Accuracy', topk=(1,))
test_evaluator = val_evaluator

# CIFAR-10 as class folders, with labels, enlarged to the size of the views of
# pretraining.
train_dataloader = dict(
    batch_size=128,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='mmsca.KeyedSampler', shuffle=True),
    collate_fn=dict(type='mmsca.stack_images'),
    dataset=dict(
        type='mmsca.ClassFolders',
        data_root='data/cifar10',
        data_prefix='train',
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
        data_root='data/cifar10',
        data_prefix='test',
        classes='train',
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='Resize', scale=48),
            dict(type='PackInputs'),
        ],
    ),
)
# CIFAR-10 has no val split: what training validates on is the test split.
# Nothing may be chosen by it.
val_dataloader = test_dataloader
val_evaluator = dict(type='Accuracy', topk=(1, 5))
test_evaluator = val_evaluator

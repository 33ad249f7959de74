# Tiny ImageNet with labels, 64 px, by the lists of tools/split_folder.py: the
# loaders of MaterialScenes, with smaller crops.
_base_ = './material_scenes_linear.py'

train_dataloader = dict(
    dataset=dict(
        data_root='data/tinyimagenet',
        data_prefix='',
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
    )
)
val_dataloader = dict(
    dataset=dict(
        data_root='data/tinyimagenet',
        data_prefix='',
        ann_file='splits/val.txt',
        classes='splits/classes.txt',
    )
)
test_dataloader = dict(
    dataset=dict(
        data_root='data/tinyimagenet',
        data_prefix='',
        ann_file='splits/test.txt',
        classes='splits/classes.txt',
    )
)
# There may be fewer than five classes.
val_evaluator = dict(topk=(1,))
test_evaluator = val_evaluator

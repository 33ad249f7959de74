# MaterialScenes with labels, 64 px. Small crops would cut the object out of
# the picture, and move the statistics of its texture.
_base_ = './class_folders.py'


def loader(split, *transforms, **fields):
    return dict(
        batch_size=128,
        num_workers=1,
        dataset=dict(
            data_root='data/material_scenes',
            data_prefix=split,
            pipeline=[*transforms, dict(type='PackInputs')],
            **fields,
        ),
    )


load = dict(type='mmsca.LoadImage')
train_dataloader = loader(
    'train',
    dict(type='mmsca.SeedDraw'),
    load,
    dict(type='RandomResizedCrop', scale=64, crop_ratio_range=(0.8, 1.0)),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
)
val_dataloader = loader('val', load, classes='train')
test_dataloader = loader('test', load, classes='train')
val_evaluator = test_evaluator = dict(topk=(1, 5))

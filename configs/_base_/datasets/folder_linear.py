# Class folders of your own, 224 px, by the lists of tools/split_folder.py.
_base_ = './class_folders.py'


def loader(split, *transforms):
    return dict(
        batch_size=64,
        num_workers=2,
        dataset=dict(
            data_root='data/folder',
            ann_file=f'splits/{split}.txt',
            classes='splits/classes.txt',
            pipeline=[*transforms, dict(type='PackInputs')],
        ),
    )


test_transforms = [
    dict(type='mmsca.LoadImage'),
    dict(type='ResizeEdge', scale=256, edge='short', backend='pillow'),
    dict(type='CenterCrop', crop_size=224),
]
train_dataloader = loader(
    'train',
    dict(type='mmsca.SeedDraw'),
    dict(type='mmsca.LoadImage'),
    dict(type='RandomResizedCrop', scale=224, backend='pillow'),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
)
val_dataloader = loader('val', *test_transforms)
test_dataloader = loader('test', *test_transforms)
val_evaluator = test_evaluator = dict(topk=(1,))

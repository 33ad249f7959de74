# Tiny ImageNet with labels, 64 px, by the lists of tools/split_folder.py: the
# loaders of MaterialScenes, with smaller crops.
_base_ = './material_scenes_linear.py'


def loader(split, **fields):
    return dict(
        dataset=dict(
            data_root='data/tinyimagenet',
            data_prefix='',
            ann_file=f'splits/{split}.txt',
            classes='splits/classes.txt',
            **fields,
        )
    )


pipeline = [*_base_.train_dataloader.dataset.pipeline]
pipeline[2] = dict(
    type='RandomResizedCrop', scale=64, crop_ratio_range=(0.5, 1.0)
)
train_dataloader = loader('train', pipeline=pipeline)
val_dataloader = loader('val')
test_dataloader = loader('test')
# There may be fewer than five classes.
val_evaluator = test_evaluator = dict(topk=(1,))

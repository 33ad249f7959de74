# ImageNet as in SwAV's eval_linear.py: 224 px, crop and flip for training,
# the centre of a 256 px image for evaluation. 8 GPUs x 32 images.
_base_ = './class_folders.py'

size = dict(batch_size=32, num_workers=5)
train_dataloader = dict(
    **size,
    dataset=dict(
        data_root='data/imagenet',
        data_prefix='train',
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            dict(type='mmsca.LoadImage'),
            dict(type='RandomResizedCrop', scale=224, backend='pillow'),
            dict(type='RandomFlip', prob=0.5, direction='horizontal'),
            dict(type='PackInputs'),
        ],
    ),
)
# ImageNet has no other labelled split: the validation images are the test.
val_dataloader = test_dataloader = dict(
    **size,
    dataset=dict(
        data_root='data/imagenet',
        data_prefix='val',
        classes='train',
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='ResizeEdge', scale=256, edge='short', backend='pillow'),
            dict(type='CenterCrop', crop_size=224),
            dict(type='PackInputs'),
        ],
    ),
)
val_evaluator = test_evaluator = dict(topk=(1, 5))

# CIFAR-10 as class folders, with labels, enlarged to the size of the views of
# pretraining.
_base_ = './material_scenes_linear.py'

pipeline = [*_base_.train_dataloader.dataset.pipeline]
pipeline[2] = dict(
    type='RandomResizedCrop', scale=48, crop_ratio_range=(0.5, 1.0)
)
test_pipeline = [*_base_.test_dataloader.dataset.pipeline]
test_pipeline[1:1] = [dict(type='Resize', scale=48)]
data = dict(data_root='data/cifar10')
train_dataloader = dict(dataset=dict(**data, pipeline=pipeline))
# CIFAR-10 has no val split: what training validates on is the test split.
# Nothing may be chosen by it.
val_dataloader = test_dataloader = dict(
    dataset=dict(**data, data_prefix='test', pipeline=test_pipeline)
)

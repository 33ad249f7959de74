"""Supervised training of the thin ResNet-18 on Tiny ImageNet, from scratch.

Pretraining with labels, for tables: the same backbone, images, number of
epochs, batch and optimizer as sca/swav_r18_tinyimagenet.py, its checkpoint
evaluated like any other. What differs is one 64 px view for 2x48 + 2x24 px,
and the mild augmentation of the linear classifier. Validates on the val split
once, at the end; tools/test.py evaluates the test split.

Expected score: not measured yet.
Hardware: one CPU core, no GPU; for all 200 classes a GPU.
Data: python tools/prepare_data.py tinyimagenet tiny-imagenet-200.zip

    python tools/train.py configs/classification/r18_supervised_tinyimagenet.py
"""

_base_ = [
    '../_base_/models/linear_r18_thin.py',
    '../_base_/datasets/tinyimagenet_linear.py',
    '../_base_/schedules/pretrain_15e_bs64.py',
    '../_base_/default_runtime.py',
]

# Reads the classes, and fills in their number.
runner_type = 'mmsca.ClassFolderRunner'
model = dict(backbone=dict(frozen_stages=-1, init_cfg=None))
train_dataloader = dict(batch_size=64, drop_last=True)
train_cfg = dict(max_epochs=12, val_interval=12)
val_cfg = test_cfg = dict()
default_hooks = dict(logger=dict(interval=50))

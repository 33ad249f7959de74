"""Supervised training of the thin ResNet-18 on MaterialScenes, from scratch.

Pretraining with labels, for tables: the same backbone, images, number of
epochs, batch and optimizer as sca/swav_r18_materials.py, its checkpoint
evaluated like any other. What differs is one 64 px view for 2x48 + 2x24 px,
and the mild augmentation of the linear classifier. Validates on the val split
once, at the end; tools/test.py evaluates the test split.

Expected score: the table of README.md, one seed.
Hardware: one CPU core, no GPU.
Data: python tools/make_material_scenes.py

    python tools/train.py configs/classification/r18_supervised_materials.py
"""

_base_ = [
    '../_base_/models/linear_r18_thin.py',
    '../_base_/datasets/material_scenes_linear.py',
    '../_base_/schedules/pretrain_15e_bs64.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(frozen_stages=-1, init_cfg=None))
train_dataloader = dict(batch_size=64, drop_last=True)
train_cfg = dict(val_interval=15)
val_cfg = test_cfg = dict()
default_hooks = dict(logger=dict(interval=5))

"""The thin ResNet-18 fine-tuned on all labels of MaterialScenes.

The small twin of r50_finetune_in1k.py. Validates on the val split once, at
the end; tools/test.py evaluates the test split.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/make_material_scenes.py

    python tools/train.py configs/classification/r18_finetune_materials.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r18_thin.py',
    '../_base_/datasets/material_scenes_linear.py',
    '../_base_/schedules/finetune_20e_bs32.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(frozen_stages=-1))
train_dataloader = dict(batch_size=32)
default_hooks = dict(
    logger=dict(interval=7), checkpoint=dict(max_keep_ckpts=1)
)

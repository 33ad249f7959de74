"""Linear classification on the frozen thin ResNet-18, Tiny ImageNet.

The small twin of r50_linear_in1k.py, for as many classes as there are.
Validates on the val split once, at the end; tools/test.py evaluates the test
split, which is the official val.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py tinyimagenet tiny-imagenet-200.zip

    python tools/train.py configs/classification/r18_linear_tinyimagenet.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r18_thin.py',
    '../_base_/datasets/tinyimagenet_linear.py',
    '../_base_/schedules/linear_10e_bs128.py',
    '../_base_/default_runtime.py',
]

# Reads the classes, and fills in their number.
runner_type = 'mmsca.ClassFolderRunner'
default_hooks = dict(
    logger=dict(interval=50), checkpoint=dict(max_keep_ckpts=1)
)

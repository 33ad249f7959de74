"""Linear classification on the frozen thin ResNet-18, CIFAR-10.

The small twin of r50_linear_in1k.py. CIFAR-10 has no val split, so that
training validates on the test split, once, at the end.

Expected score: docs/study/cifar10.md.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py cifar10 cifar-10-python.tar.gz

    python tools/train.py configs/classification/r18_linear_cifar10.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r18_thin.py',
    '../_base_/datasets/cifar10_linear.py',
    '../_base_/schedules/linear_10e_bs128.py',
    '../_base_/default_runtime.py',
]

train_cfg = dict(max_epochs=5, val_interval=5)
default_hooks = dict(
    logger=dict(interval=50), checkpoint=dict(max_keep_ckpts=1)
)

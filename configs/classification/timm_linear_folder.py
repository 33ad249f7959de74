"""Linear classification on a frozen backbone of timm, your class folders.

Reproduces: nothing; r18_linear_folder.py with any network of timm, named by
    `model.backbone.model_name`, which takes 224 px.
Expected score: depends on your images.
Hardware: one GPU, or a CPU for small folders.
Data: python tools/split_folder.py FOLDER

    python tools/train.py configs/classification/timm_linear_folder.py \
        --cfg-options train_dataloader.dataset.data_root=FOLDER \
        val_dataloader.dataset.data_root=FOLDER \
        model.backbone.model_name=resnet18 \
        model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_timm.py',
    '../_base_/datasets/folder_linear.py',
    '../_base_/schedules/linear_10e_bs128.py',
    '../_base_/default_runtime.py',
]

# Reads the classes, and fills in their number.
runner_type = 'mmsca.ClassFolderRunner'
model = dict(
    backbone=dict(init_cfg=dict(prefix=None)),
    # The scale of features differs by orders of magnitude between backbones.
    neck=dict(type='ClsBatchNormNeck'),
)
default_hooks = dict(checkpoint=dict(interval=10, max_keep_ckpts=1))

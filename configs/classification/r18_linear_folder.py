"""Linear classification on the frozen ResNet-18, your own class folders.

Reproduces: nothing; r18_linear_materials.py at 224 px. The number of classes
    is that of the folders.
Expected score: depends on your images.
Hardware: one GPU, or a CPU for small folders.
Data: python tools/split_folder.py FOLDER

    python tools/train.py configs/classification/r18_linear_folder.py \
        --cfg-options train_dataloader.dataset.data_root=FOLDER \
        val_dataloader.dataset.data_root=FOLDER \
        model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r50.py',
    '../_base_/datasets/folder_linear.py',
    '../_base_/schedules/linear_10e_bs128.py',
    '../_base_/default_runtime.py',
]

# Reads the classes, and fills in their number.
runner_type = 'mmsca.ClassFolderRunner'
# The scale of features differs by orders of magnitude between backbones.
model = dict(
    backbone=dict(depth=18),
    neck=[
        dict(type='GlobalAveragePooling'),
        dict(type='ClsBatchNormNeck', input_features=512),
    ],
    head=dict(in_channels=512),
)
default_hooks = dict(checkpoint=dict(interval=10, max_keep_ckpts=1))

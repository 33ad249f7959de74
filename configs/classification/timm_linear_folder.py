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

_base_ = './r18_linear_folder.py'

model = dict(
    _delete_=True,
    type='mmsca.ProbeClassifier',
    data_preprocessor=dict(type='ClsDataPreprocessor', to_rgb=True),
    backbone=dict(
        type='mmsca.TIMMBackbone',
        model_name='vit_small_patch16_224.dino',
        frozen=True,
        init_cfg=dict(type='Pretrained', checkpoint='', prefix=None),
    ),
    neck=dict(type='ClsBatchNormNeck'),
    head=dict(
        type='LinearClsHead',
        num_classes=1000,
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0),
    ),
)

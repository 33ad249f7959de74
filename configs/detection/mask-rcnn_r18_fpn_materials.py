"""Mask R-CNN on MaterialScenes: detection transfer on one CPU core.

Reproduces: nothing; the protocol of mask-rcnn_r50_fpn_1x_coco.py with the
    thin ResNet-18, small heads, BN and AdamW.
Expected: the table of README.md, one seed.
Hardware: one CPU core, 2-3 minutes.
Data: python tools/make_material_scenes.py

    python tools/train.py configs/detection/mask-rcnn_r18_fpn_materials.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './mask-rcnn_r50_fpn_1x_coco.py'

norm_cfg = dict(type='BN', requires_grad=True)
# Channels and strides of configs/_base_/models/resnet18_thin.py.
channels = [16, 32, 64, 128]
strides = [4, 8, 8, 8]
# Objects are up to 64 px long, less where others hide them: below 32 px they
# are read at stride 4, and anchors of 24, 32, 40, 48, 56 px lie on the five
# levels.
roi_extractor = dict(out_channels=32, featmap_strides=strides, finest_scale=16)
head = dict(
    in_channels=32, conv_out_channels=32, num_classes=10, norm_cfg=norm_cfg
)
model = dict(
    backbone=dict(
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 1, 1),
        norm_cfg=norm_cfg,
    ),
    neck=dict(in_channels=channels, out_channels=32, norm_cfg=norm_cfg),
    rpn_head=dict(
        in_channels=32,
        feat_channels=32,
        anchor_generator=dict(
            strides=[*strides, 16], base_sizes=[3, 4, 5, 6, 7]
        ),
    ),
    roi_head=dict(
        bbox_roi_extractor=roi_extractor,
        bbox_head=dict(head, fc_out_channels=64),
        mask_roi_extractor=roi_extractor,
        mask_head=dict(head, num_convs=1),
    ),
    train_cfg=dict(
        rpn=dict(sampler=dict(num=64)),
        rpn_proposal=dict(nms_pre=200, max_per_img=50),
        rcnn=dict(sampler=dict(num=16, pos_fraction=0.5)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=200, max_per_img=50)),
)
data_root = 'data/material_scenes/'
names = 'brick coins fur grass gravel page petals stars tissue wood'
resize = dict(type='Resize', scale=(128, 128), keep_ratio=True)
train_pipeline = [*_base_.masks_train.dataset.pipeline]
test_pipeline = [*_base_.masks_test.dataset.pipeline]
train_pipeline[2] = test_pipeline[1] = resize


def loader(split, pipeline):
    return dict(
        batch_size=4,
        dataset=dict(
            data_root=data_root,
            metainfo=dict(classes=tuple(names.split())),
            ann_file=f'annotations/instances_{split}.json',
            data_prefix=dict(img=f'detection/{split}/'),
            pipeline=pipeline,
        ),
    )


train_dataloader = loader('train', train_pipeline)
val_dataloader = loader('val', test_pipeline)
test_dataloader = loader('test', test_pipeline)
val_evaluator = dict(ann_file=data_root + 'annotations/instances_val.json')
test_evaluator = dict(ann_file=data_root + 'annotations/instances_test.json')
# 300 iterations; AP on val once, at the end.
train_cfg = dict(max_epochs=4, val_interval=4)
optim_wrapper = dict(
    optimizer=dict(_delete_=True, type='AdamW', lr=2e-3, weight_decay=0.05)
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', convert_to_iter_based=True),
]
auto_scale_lr = dict(base_batch_size=4)
default_hooks = dict(logger=dict(interval=25))
randomness = dict(seed=0)

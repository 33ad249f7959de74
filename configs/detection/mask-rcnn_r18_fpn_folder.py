"""Mask R-CNN R18-FPN on your folder of COCO format, on one machine.

Reproduces: nothing; mask-rcnn_r50_fpn_1x_coco.py with a ResNet-18 and BN, for
    4 images of 512 px at a time.
Expected: depends on your images.
Hardware: one GPU, or a CPU for small folders.
Data: images, and annotations with boxes and masks. Number and names of the
    classes are read from the training annotations. coco_folder below says
    where the files are; --cfg-options coco_folder.train.ann_file=... and so
    on name others.

    python tools/train.py configs/detection/mask-rcnn_r18_fpn_folder.py \
        --cfg-options coco_folder.root=FOLDER \
        model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './mask-rcnn_r50_fpn_1x_coco.py'

# Reads coco_folder, and fills in classes and paths.
runner_type = 'mmsca.CocoFolderRunner'
coco_folder = dict(
    root='data/folder',
    train=dict(
        ann_file='annotations/instances_train2017.json', images='train2017'
    ),
    val=dict(ann_file='annotations/instances_val2017.json', images='val2017'),
    # None: as in val.
    test=dict(ann_file=None, images=None),
)

norm_cfg = dict(type='BN', requires_grad=True)
model = dict(
    backbone=dict(depth=18, norm_cfg=norm_cfg),
    neck=dict(in_channels=[64, 128, 256, 512], norm_cfg=norm_cfg),
    roi_head=dict(
        bbox_head=dict(norm_cfg=norm_cfg), mask_head=dict(norm_cfg=norm_cfg)
    ),
)

resize = dict(type='Resize', scale=(512, 512), keep_ratio=True)
train_pipeline = [*_base_.masks_train.dataset.pipeline]
test_pipeline = [*_base_.masks_test.dataset.pipeline]
train_pipeline[2] = test_pipeline[1] = resize
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=train_pipeline))
val_dataloader = test_dataloader = dict(
    batch_size=4, dataset=dict(pipeline=test_pipeline)
)

# The rate of 16 images, scaled to 4.
optim_wrapper = dict(optimizer=dict(lr=0.005))
auto_scale_lr = dict(base_batch_size=4)

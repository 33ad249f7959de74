"""Mask R-CNN R50-C4 on COCO 2017, 1x: all of the ResNet is pretrained.

Reproduces: the C4 protocol of MoCo and PyContrast, by the schedule of
    mmselfsup's mask-rcnn_r50-c4_ms-1x_coco.py. Stages 1-3 are the backbone,
    stage 4 runs on each RoI, with one extra norm behind it; SyncBN
    everywhere, short side 640-800, nothing frozen.
Expected score (box / mask AP): not measured yet. Published under this
    protocol: MoCo v2 after 200 epochs 38.9 / 34.1, supervised (another
    recipe, MSRA's R-50) 38.2 / 33.3 (PyContrast).
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

The hook starts stage 4 from the file of the backbone: one option for both.

    bash tools/dist_train.sh configs/detection/mask-rcnn_r50_c4_1x_coco.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    'mmdet::mask_rcnn/mask-rcnn_r50-caffe-c4_1x_coco.py',
    '../_base_/detection.py',
    '../_base_/models/c4_r50.py',
]

custom_imports = _base_.c4_imports
custom_hooks = _base_.c4_hooks
model = _base_.c4_model
train_dataloader = _base_.masks_train
val_dataloader = test_dataloader = _base_.masks_test
val_evaluator = test_evaluator = _base_.coco_metric
default_hooks = _base_.detection_hooks

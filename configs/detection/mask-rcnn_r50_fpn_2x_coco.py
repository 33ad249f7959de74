"""Mask R-CNN R50-FPN on COCO 2017, 2x: the 1x row, trained twice as long.

Reproduces: the 2x protocol of PyContrast, with the schedule of mmselfsup's
    mask-rcnn_r50_fpn_ms-2x_coco.py: 24 epochs, drops after 16 and 22, a
    warm-up of 1000 iterations. All else is mask-rcnn_r50_fpn_1x_coco.py.
Expected score (box / mask AP): not measured yet. Published under this
    protocol (PyContrast): random weights 38.4 / 34.7, MoCo v2 after 200
    epochs 41.7 / 37.6.
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/detection/mask-rcnn_r50_fpn_2x_coco.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './mask-rcnn_r50_fpn_1x_coco.py'

train_cfg = dict(max_epochs=24)
param_scheduler = _base_.schedule_2x

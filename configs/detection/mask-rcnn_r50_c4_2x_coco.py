"""Mask R-CNN R50-C4 on COCO 2017, 2x: the 1x row, trained twice as long.

Reproduces: the 2x C4 protocol of MoCo and PyContrast in epochs: 24, drops
    after 16 and 22, a warm-up of 1000 iterations. mmselfsup's file of that
    name says the same, then sets 12 epochs again, and so never decays.
Expected score (box / mask AP): not measured yet. Published under this
    protocol: MoCo v2 after 200 epochs 40.7 / 35.6, supervised (another
    recipe, MSRA's R-50) 40.0 / 34.7 (PyContrast).
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/detection/mask-rcnn_r50_c4_2x_coco.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './mask-rcnn_r50_c4_1x_coco.py'

train_cfg = dict(max_epochs=24)
param_scheduler = _base_.schedule_2x

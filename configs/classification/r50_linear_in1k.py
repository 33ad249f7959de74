"""Linear classification on the frozen ResNet-50, ImageNet.

Reproduces: the linear evaluation of SwAV (eval_linear.py), as the authors ran
it: 100 epochs, batch 256, SGD 0.3 with a cosine.

Expected score (top-1): not measured yet for SCA. Published by the authors of
SwAV for their 200 epoch, batch 256 checkpoint: 72.7.

Hardware: 8 GPUs x 32 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/classification/r50_linear_in1k.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r50.py',
    '../_base_/datasets/imagenet_linear.py',
    '../_base_/schedules/linear_100e_bs256.py',
    '../_base_/default_runtime.py',
]

"""Linear classification on a frozen backbone of timm, ImageNet.

`r50_linear_in1k.py` for any network of timm: `model.backbone.model_name`
names it, and width, mean and standard deviation follow. No published protocol
of its own; that of DINO also joins the class tokens of several blocks.

Expected score (top-1): not measured yet.

Hardware: 8 GPUs x 32 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/classification/timm_linear_in1k.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT \
        model.backbone.model_name=vit_small_patch16_224.dino
"""

_base_ = [
    '../_base_/models/linear_timm.py',
    '../_base_/datasets/imagenet_linear.py',
    '../_base_/schedules/linear_100e_bs256.py',
    '../_base_/default_runtime.py',
]

model = dict(data_preprocessor=dict(num_classes=1000))

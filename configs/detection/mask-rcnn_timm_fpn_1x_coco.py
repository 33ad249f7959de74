"""Mask R-CNN FPN on COCO 2017, 1x, from a backbone of timm.

The protocol of mask-rcnn_r50_fpn_1x_coco.py, by which backbones compare; the
recipes that ConvNeXt was published with (AdamW, longer, larger scales) score
higher. Any network with maps at strides 4, 8, 16 and 32, by its name; the
tools of mmsca read the channels of its maps from it.

Expected score: not measured yet.
Hardware: 8 GPUs x 2 images. On another number, add --auto-scale-lr.

CKPT is a file of timm:

    bash tools/dist_train.sh configs/detection/mask-rcnn_timm_fpn_1x_coco.py \
        8 --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './mask-rcnn_r50_fpn_1x_coco.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmsca.TIMMBackbone',
        model_name='convnext_tiny',
        out_type='pyramid',
        init_cfg=dict(type='Pretrained', checkpoint=''),
    ),
    neck=dict(in_channels=[96, 192, 384, 768]),
)

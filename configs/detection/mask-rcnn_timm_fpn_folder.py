"""Mask R-CNN FPN on your folder of COCO format, from a backbone of timm.

Reproduces: nothing; mask-rcnn_r18_fpn_folder.py with any network of timm that
    has maps at strides 4, 8, 16 and 32, named by `model.backbone.model_name`.
    The channels of its maps are read from it.
Expected: depends on your images.
Hardware: one GPU, or a CPU for small folders.
Data: as for mask-rcnn_r18_fpn_folder.py.

    python tools/train.py configs/detection/mask-rcnn_timm_fpn_folder.py \
        --cfg-options coco_folder.root=FOLDER \
        model.backbone.model_name=resnet18 \
        model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './mask-rcnn_r18_fpn_folder.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmsca.TIMMBackbone',
        model_name='resnet18',
        out_type='pyramid',
        init_cfg=dict(type='Pretrained', checkpoint=''),
    ),
)

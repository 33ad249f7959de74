"""Localization without labels by the thin ResNet-18, COCO photographs.

The small twin of r50_labelfree_coco.py: tested on the photographs of
val2017 in data/coco_first100, which README.md shows how to make.

Expected score: docs/study/coco.md.
Hardware: one CPU core, no GPU.

    python tools/test.py configs/localization/r18_labelfree_coco.py \
        PRETRAINING_CKPT
"""

_base_ = './r50_labelfree_coco.py'

# As in ../_base_/models/resnet18_thin.py.
model = dict(
    backbone=dict(
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 1, 1),
    )
)
test_dataloader = dict(
    num_workers=1, dataset=dict(data_root='data/coco_first100')
)

"""The linear probe of Tiny ImageNet, tested on the val split.

For choices that the test split must not see: tools/test.py and tools/knn.py
evaluate val.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py tinyimagenet tiny-imagenet-200.zip

    python tools/train.py \
        configs/classification/r18_linear_tinyimagenet_val.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_linear_tinyimagenet.py'

test_dataloader = dict(dataset=dict(ann_file='splits/val.txt'))

"""Grad-CAM localization on the val split of Tiny ImageNet.

For choices that the test split must not see. The thresholds are the best for
the images that are tested, as they are chosen on val too.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py tinyimagenet tiny-imagenet-200.zip

    python tools/test.py configs/localization/r18_gradcam_tinyimagenet_val.py \
        LINEAR_CKPT
"""

_base_ = './r18_gradcam_tinyimagenet.py'

test_dataloader = dict(dataset=dict(ann_file='splits/boxes_val.json'))

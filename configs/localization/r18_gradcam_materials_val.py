"""Grad-CAM localization on the val split of MaterialScenes.

For choices that the test split must not see. The thresholds are the best for
the images that are tested, as they are chosen on val too.

Expected score: docs/study/settings.md.
Hardware: one CPU core, no GPU.

    python tools/test.py configs/localization/r18_gradcam_materials_val.py \
        LINEAR_CKPT
"""

_base_ = './r18_gradcam_materials.py'

test_dataloader = dict(dataset=dict(ann_file='metadata/val'))

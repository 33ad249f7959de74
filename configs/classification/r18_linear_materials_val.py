"""The linear probe of MaterialScenes, tested on the val split.

For choices that the test split must not see: tools/test.py and tools/knn.py
evaluate val.

Expected score: docs/study/settings.md.
Hardware: one CPU core, no GPU.

    python tools/train.py configs/classification/r18_linear_materials_val.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_linear_materials.py'

test_dataloader = dict(dataset=dict(data_prefix='val'))

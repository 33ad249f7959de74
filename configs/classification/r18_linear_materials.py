"""Linear classification on the frozen thin ResNet-18, MaterialScenes.

The small twin of r50_linear_in1k.py. Validates on the val split once, at the
end; tools/test.py evaluates the test split.

Expected score: the table of README.md, one seed.
Hardware: one CPU core, no GPU.
Data: python tools/make_material_scenes.py

    python tools/train.py configs/classification/r18_linear_materials.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r18_thin.py',
    '../_base_/datasets/material_scenes_linear.py',
    '../_base_/schedules/linear_10e_bs128.py',
    '../_base_/default_runtime.py',
]

default_hooks = dict(
    logger=dict(interval=8), checkpoint=dict(max_keep_ckpts=1)
)

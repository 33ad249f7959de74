"""SwAV on MaterialScenes: a last map of 3x3 in place of 6x6.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_r18_materials_coarse.py
"""

_base_ = '../swav_r18_materials.py'

model = dict(backbone=dict(strides=(1, 2, 1, 2)))

"""SwAV + SCA on MaterialScenes: weight 0.75 in place of 0.7.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_w75.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(weight=0.75)

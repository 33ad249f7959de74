"""SwAV + SCA on MaterialScenes: maps of the third stage compared.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_stage3.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(backbone=dict(out_indices=(2, 3)), stages=(0,))

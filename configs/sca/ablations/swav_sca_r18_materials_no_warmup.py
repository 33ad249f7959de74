"""SwAV + SCA on MaterialScenes: SCA from the first iteration on.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_no_warmup.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(warmup=0.0)

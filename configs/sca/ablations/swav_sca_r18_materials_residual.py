"""SwAV + SCA on MaterialScenes: half of the weight spread evenly.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_residual.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(sca=dict(residual=True))

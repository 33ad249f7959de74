"""SwAV + SCA on MaterialScenes: eight partners in place of four.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_p8.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(sca=dict(num_partners=8))

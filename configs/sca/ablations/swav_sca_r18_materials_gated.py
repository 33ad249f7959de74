"""SwAV + SCA on MaterialScenes: a learned gate on attended values as mask.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_gated.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(
    sca=dict(mask='gated', num_negatives=0, embed_dims=64, num_heads=4)
)

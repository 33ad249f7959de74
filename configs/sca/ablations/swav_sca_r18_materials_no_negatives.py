"""SwAV + SCA on MaterialScenes: no negatives to subtract.

Reproduces: nothing; a row of docs/study/materials.md.
Expected: docs/study/materials.md, three seeds, with model.weight=0.7.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_no_negatives.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(sca=dict(num_negatives=0))

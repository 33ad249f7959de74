"""SwAV + SCA on MaterialScenes: masks of their own features alone.

Reproduces: nothing; a row of docs/study/materials.md.
Expected: docs/study/materials.md, three seeds, with model.weight=0.7.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_own.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(sca=dict(partners='none', temperature=0.2))

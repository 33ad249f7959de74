"""SwAV + SCA on MaterialScenes: partners from a memory of 512 maps, too.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_memory.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(memory=dict(length=512, map_size=(6, 6)))

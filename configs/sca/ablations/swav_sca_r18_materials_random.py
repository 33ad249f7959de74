"""SwAV + SCA on MaterialScenes: partners drawn at random.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
    Tells whether the class of a partner matters.
Expected: docs/study/materials.md, five seeds, with model.weight=0.7.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_random.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(sca=dict(partners='random'))

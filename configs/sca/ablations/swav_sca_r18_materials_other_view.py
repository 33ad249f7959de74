"""SwAV + SCA on MaterialScenes: the other view of the same image as partner.

Reproduces: nothing; a row of the ablation in configs/sca/README.md.
    Tells whether other images matter.
Expected: docs/study/materials.md, three seeds, with model.weight=0.7.
Hardware: one CPU core, no GPU.
Command: python tools/train.py \
    configs/sca/ablations/swav_sca_r18_materials_other_view.py
"""

_base_ = '../swav_sca_r18_materials.py'

model = dict(sca=dict(partners='other_view', num_partners=1))

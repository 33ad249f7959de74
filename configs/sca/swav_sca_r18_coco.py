"""SwAV + SCA on 100 photographs of COCO.

Reproduces: nothing; swav_r18_coco.py with SCA.
Expected: docs/study/coco.md, with model.weight=0.7.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_coco.py
Data: data/coco_first100, as configs/localization/README.md makes it.
"""

_base_ = ['./swav_r18_coco.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

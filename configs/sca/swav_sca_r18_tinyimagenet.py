"""SwAV + SCA on Tiny ImageNet.

Reproduces: nothing; swav_r18_tinyimagenet.py with SCA.
Expected: no difference to its control: docs/study.md, ten seeds of a
    shorter run.
Hardware: one CPU core, no GPU; for all 200 classes a GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_tinyimagenet.py
Data: python tools/prepare_data.py tinyimagenet tiny-imagenet-200.zip
"""

_base_ = ['./swav_r18_tinyimagenet.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

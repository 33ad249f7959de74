"""SwAV + SCA on ImageNet-100.

Reproduces: nothing; swav_r18_imagenet100.py with SCA.
Expected: not measured yet.
Hardware: one GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_imagenet100.py
Data: python tools/prepare_data.py imagenet100 IMAGENET
"""

_base_ = ['./swav_r18_imagenet100.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

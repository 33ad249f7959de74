"""SwAV + SCA on CIFAR-10.

Reproduces: nothing; swav_r18_cifar10.py with SCA.
Expected: docs/study/cifar10.md.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_cifar10.py
Data: python tools/prepare_data.py cifar10 cifar-10-python.tar.gz
"""

_base_ = ['./swav_r18_cifar10.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

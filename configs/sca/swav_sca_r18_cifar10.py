"""SwAV + SCA on CIFAR-10.

Reproduces: nothing; swav_r18_cifar10.py with SCA.
Expected: docs/study/cifar10.md, five seeds.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_cifar10.py
Data: class folders of images in data/cifar10/train and data/cifar10/test, as
    configs/sca/README.md writes them.
"""

_base_ = ['./swav_r18_cifar10.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

"""SwAV + SCA on CIFAR-100.

Reproduces: nothing; swav_r18_cifar100.py with SCA.
Expected: not measured yet.
Hardware: one GPU, or a CPU core for some hours.
Command: python tools/train.py configs/sca/swav_sca_r18_cifar100.py
Data: python tools/prepare_data.py cifar100 cifar-100-python.tar.gz
"""

_base_ = ['./swav_r18_cifar100.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

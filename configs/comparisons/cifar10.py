"""SwAV and SwAV + SCA on CIFAR-10.

Reproduces: nothing; the comparison of materials.py on photographs, whose
    objects fill the image, by kNN and a linear classifier, over five seeds.
Expected: docs/study/cifar10.md
Hardware: CPU; two cores do two runs at a time.
Command: python tools/compare.py configs/comparisons/cifar10.py
"""

_base_ = '../_base_/evaluations/cifar10.py'

title = 'SwAV and SwAV + SCA on CIFAR-10'
records = 'docs/study'
control = 'swav'
seeds = [0, 1, 2, 3, 4]
backbones = dict(
    swav=dict(title='SwAV', pretrain='sca/swav_r18_cifar10.py'),
    swav_sca=dict(title='SwAV + SCA', pretrain='sca/swav_sca_r18_cifar10.py'),
)
small = dict(backbones=['swav', 'swav_sca'], seeds=[0])

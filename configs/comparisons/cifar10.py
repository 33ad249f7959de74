"""SwAV and SwAV + SCA on CIFAR-10.

Reproduces: nothing; the comparison of materials.py on photographs, whose
    objects fill the image, by kNN and a linear classifier. Five seeds have
    w = 0.7, others the default.
Expected: docs/study/cifar10.md
Hardware: CPU; two cores do two runs at a time.
Command: python tools/compare.py configs/comparisons/cifar10.py
"""

_base_ = '../_base_/evaluations/cifar10.py'

title = 'SwAV and SwAV + SCA on CIFAR-10'
records = 'docs/study'
control = 'swav'
five, others = [0, 1, 2, 3, 4], [5, 6, 7, 8, 9]
pretrain = 'sca/swav_sca_r18_cifar10.py'
backbones = dict(
    swav=dict(
        title='SwAV', pretrain='sca/swav_r18_cifar10.py', seeds=five + others
    ),
    sca=dict(title='SwAV + SCA', pretrain=pretrain, seeds=others),
    swav_sca=dict(
        title='SwAV + SCA, w = 0.7',
        pretrain=pretrain,
        options=['model.weight=0.7'],
        seeds=five,
    ),
)
small = dict(backbones=['swav', 'sca'], seeds=[5])

"""SwAV and SwAV + SCA on CIFAR-10.

Reproduces: nothing; the comparison of materials.py on photographs, whose
    objects fill the image, by kNN and a linear classifier, over five seeds.
Expected: docs/study/cifar10.md
Hardware: CPU; two cores run two jobs at a time.
Command: python tools/run_study.py configs/study/cifar10.py
"""

title = 'SwAV and SwAV + SCA on CIFAR-10'
suite = 'cifar10'
data_root = 'data/cifar10'
control = 'swav'
seeds = [0, 1, 2, 3, 4]
arms = dict(
    swav=dict(title='SwAV', config='sca/swav_r18_cifar10.py'),
    swav_sca=dict(title='SwAV + SCA', config='sca/swav_sca_r18_cifar10.py'),
)
small = dict(arms=['swav', 'swav_sca'], seeds=[0])

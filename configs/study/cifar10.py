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
    untrained=dict(title='untrained', config=None),
    swav=dict(title='SwAV', config='sca/swav_r18_cifar10.py'),
    swav_sca=dict(title='SwAV + SCA', config='sca/swav_sca_r18_cifar10.py'),
    random=dict(
        title='SCA, random partners',
        config='sca/swav_sca_r18_cifar10.py',
        options=['model.sca.partners=random'],
    ),
)
compare = [('swav_sca', 'swav'), ('swav_sca', 'random'), ('random', 'swav')]
small = dict(arms=['swav', 'swav_sca'], seeds=[0])

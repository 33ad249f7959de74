"""SwAV and SwAV + SCA on Tiny ImageNet, between their bounds.

Reproduces: nothing; the comparison of materials.py on photographs with a box
    each, over three seeds.
Expected: not measured yet.
Hardware: CPU; two cores do two runs at a time.
Command: python tools/compare.py configs/comparisons/tinyimagenet.py
"""

_base_ = '../_base_/evaluations/tinyimagenet.py'

title = 'SwAV and SwAV + SCA on Tiny ImageNet'
records = 'docs/study'
control = 'swav'
seeds = [0, 1, 2]
backbones = dict(
    untrained=dict(title='untrained'),
    swav=dict(title='SwAV', pretrain='sca/swav_r18_tinyimagenet.py'),
    swav_sca=dict(
        title='SwAV + SCA', pretrain='sca/swav_sca_r18_tinyimagenet.py'
    ),
    supervised=dict(
        title='supervised',
        pretrain='classification/r18_supervised_tinyimagenet.py',
    ),
)
small = dict(backbones=['swav', 'swav_sca'], seeds=[0])

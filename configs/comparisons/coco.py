"""SwAV and SwAV + SCA on photographs of COCO.

Reproduces: nothing; whether maps of a backbone that saw photographs of
    several objects find them better with SCA, over three seeds.
Expected: docs/study/coco.md
Hardware: CPU; two cores do two runs at a time.
Command: python tools/compare.py configs/comparisons/coco.py
"""

_base_ = '../_base_/evaluations/coco.py'

title = 'SwAV and SwAV + SCA on photographs of COCO'
note = 'SCA has a share of w = 0.7 here.'
records = 'docs/study'
control = 'swav'
seeds = [0, 1, 2]
backbones = dict(
    swav=dict(title='SwAV', pretrain='sca/swav_r18_coco.py'),
    swav_sca=dict(
        title='SwAV + SCA',
        pretrain='sca/swav_sca_r18_coco.py',
        options=['model.weight=0.7'],
    ),
)
small = dict(backbones=['swav', 'swav_sca'], seeds=[0])

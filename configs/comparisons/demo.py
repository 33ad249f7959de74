"""SwAV and SwAV + SCA on MaterialScenes, between their bounds: `make demo`.

Reproduces: nothing; every part of mmsca, from images to one report.
Expected: the table of README.md, one seed.
Hardware: CPU; two cores do two runs at a time: 8 minutes in bf16, 17
    without.
Command: python tools/compare.py configs/comparisons/demo.py
"""

_base_ = '../_base_/evaluations/materials.py'

title = 'Demo: SwAV and SwAV + SCA on MaterialScenes'
note = (
    'One seed and a short schedule on small synthetic scenes: this report '
    'shows the road from pretraining to every evaluation. It proves nothing '
    'about SCA; for that, repeat it with several seeds and state intervals.'
)
control = 'swav'
backbones = dict(
    untrained=dict(title='untrained'),
    swav=dict(title='SwAV', pretrain='sca/swav_r18_materials.py'),
    swav_sca=dict(
        title='SwAV + SCA', pretrain='sca/swav_sca_r18_materials.py'
    ),
    supervised=dict(
        title='supervised',
        pretrain='classification/r18_supervised_materials.py',
    ),
)

"""SwAV and SwAV + SCA on photographs of COCO.

Reproduces: nothing; whether maps of a backbone that saw photographs of
    several objects find them better with SCA, over three seeds.
Expected: docs/study/coco.md
Hardware: CPU; two cores run two jobs at a time.
Command: python tools/run_study.py configs/study/coco.py
"""

title = 'SwAV and SwAV + SCA on photographs of COCO'
suite = 'coco'
data_root = 'data/coco_first100'
control = 'swav'
seeds = [0, 1, 2]
arms = dict(
    swav=dict(title='SwAV', config='sca/swav_r18_coco.py'),
    swav_sca=dict(title='SwAV + SCA', config='sca/swav_sca_r18_coco.py'),
)
small = dict(arms=['swav', 'swav_sca'], seeds=[0])

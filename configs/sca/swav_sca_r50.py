"""SwAV + SCA on ImageNet: the front door.

Reproduces: nothing published line by line; Spatial Cross-Attention
    (arXiv:2206.05028, abstract) as read in docs/method.md, on the recipe of
    swav_r50.py.
Expected: not yet measured at this size.
Hardware: 8 GPUs x 32 images; time not yet measured.
Command: bash tools/dist_train.sh configs/sca/swav_sca_r50.py 8
"""

_base_ = ['./swav_r50.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

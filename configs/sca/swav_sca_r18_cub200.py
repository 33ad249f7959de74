"""SwAV + SCA on CUB-200-2011.

Reproduces: nothing; swav_r18_cub200.py with SCA.
Expected: not measured yet.
Hardware: one GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_cub200.py
Data: python tools/prepare_data.py cub200 CUB_200_2011.tgz
"""

_base_ = ['./swav_r18_cub200.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

"""SwAV + SCA on STL-10.

Reproduces: nothing; swav_r18_stl10.py with SCA.
Expected: not measured yet.
Hardware: one GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_stl10.py
Data: python tools/prepare_data.py stl10 stl10_binary.tar.gz
"""

_base_ = ['./swav_r18_stl10.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

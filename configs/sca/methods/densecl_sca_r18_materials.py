"""DenseCL + SCA on MaterialScenes.

Reproduces: nothing; SCA on DenseCL (arXiv:2011.09157) of mmpretrain, which is
    the same config with model.weight=0.
Expected: docs/study/materials.md, three seeds, with model.weight=0 and 27
    epochs.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/methods/densecl_sca_r18_materials.py
"""

_base_ = './moco_sca_r18_materials.py'

model = dict(
    type='mmsca.DenseCLSCA',
    loss_lambda=0.5,
    neck=dict(
        _delete_=True,
        type='DenseCLNeck',
        in_channels=128,
        hid_channels=256,
        out_channels=64,
        num_grid=None,
    ),
)
# As in mmpretrain's config of DenseCL.
find_unused_parameters = True

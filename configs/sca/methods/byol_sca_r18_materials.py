"""BYOL + SCA on MaterialScenes.

Reproduces: nothing; SCA on BYOL (arXiv:2006.07733) of mmpretrain, which is
    the same config with model.weight=0.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/methods/byol_sca_r18_materials.py
"""

_base_ = '../../_base_/sca_method_r18_materials.py'

projector = dict(
    **_base_.mlp,
    out_channels=64,
    num_layers=2,
    with_bias=True,
    with_last_bn=False,
)
model = dict(
    type='mmsca.BYOLSCA',
    base_momentum=0.01,
    neck=projector,
    head=dict(
        type='LatentPredictHead',
        loss=dict(type='CosineSimilarityLoss'),
        predictor=dict(
            **projector, in_channels=64, hid_channels=256, with_avg_pool=False
        ),
    ),
)

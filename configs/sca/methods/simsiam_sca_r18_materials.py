"""SimSiam + SCA on MaterialScenes.

Reproduces: nothing; SCA on SimSiam (arXiv:2011.10566) of mmpretrain, which is
    the same config with model.weight=0.
Expected: not measured yet.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/methods/simsiam_sca_r18_materials.py
"""

_base_ = '../../_base_/sca_method_r18_materials.py'

model = dict(
    type='mmsca.SimSiamSCA',
    neck=dict(
        **_base_.mlp, out_channels=256, num_layers=3, with_last_bn_affine=False
    ),
    head=dict(
        type='LatentPredictHead',
        loss=dict(type='CosineSimilarityLoss'),
        predictor=dict(
            **_base_.mlp,
            in_channels=256,
            hid_channels=64,
            out_channels=256,
            with_avg_pool=False,
            with_last_bn=False,
            with_last_bias=True,
        ),
    ),
)

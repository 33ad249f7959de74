# The plain ResNet-50 of SwAV: stride in the 3x3 convolution, and BN over
# groups of 8 ranks.
model = dict(
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=True,
    ),
    backbone=dict(
        type='mmpretrain.ResNet',
        depth=50,
        out_indices=(3,),
        norm_cfg=dict(type='mmsca.GroupSyncBN', requires_grad=True),
        zero_init_residual=False,
    ),
)

# The plain ResNet-50 of SwAV: stride in the 3x3 convolution, SyncBN.
model = dict(
    backbone=dict(
        type='mmpretrain.ResNet',
        depth=50,
        out_indices=(3,),
        norm_cfg=dict(type='SyncBN', requires_grad=True),
        zero_init_residual=False,
    )
)

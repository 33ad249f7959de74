# ResNet-18 of width 16-128 for images of 48-128 px: the last two stages keep
# stride 1, so that a 48 px view still has a 6x6 map for a mask to work on.
model = dict(
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=True,
    ),
    backbone=dict(
        type='mmpretrain.ResNet',
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 1, 1),
        out_indices=(3,),
        norm_cfg=dict(type='BN', requires_grad=True),
    ),
)

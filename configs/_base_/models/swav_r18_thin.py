# SwAV's projection and prototypes on the thin ResNet-18.
_base_ = './resnet18_thin.py'

model = dict(
    neck=dict(
        type='SwAVNeck',
        in_channels=128,
        hid_channels=256,
        out_channels=64,
        norm_cfg=dict(type='BN1d'),
    ),
    head=dict(type='mmsca.SwAVHead', num_prototypes=32),
)

"""The smallest SwAV that has all its parts."""


def tiny_swav(norm_eval=False, **head) -> dict:
    """Config of a model that trains in milliseconds.

    `norm_eval` keeps the statistics of the backbone's BN; `head` goes to
    `mmsca.SwAVHead`.
    """
    return dict(
        type='mmsca.SwAV',
        data_preprocessor=dict(type='BaseDataPreprocessor'),
        backbone=dict(
            type='mmpretrain.ResNet',
            depth=18,
            stem_channels=8,
            base_channels=8,
            strides=(1, 2, 1, 1),
            norm_cfg=dict(type='BN'),
            norm_eval=norm_eval,
        ),
        neck=dict(
            type='mmpretrain.SwAVNeck',
            in_channels=64,
            hid_channels=16,
            out_channels=12,
            norm_cfg=dict(type='BN1d'),
        ),
        head=dict(
            type='mmsca.SwAVHead',
            in_channels=12,
            **{'num_prototypes': 10, **head},
        ),
    )

"""SwAV, the control of swav_sca_r50.py: the same config without SCA.

Reproduces: SwAV 200 epochs, batch 256, multi-crop 2x224 + 6x96, with queue
    (facebookresearch/swav, scripts/swav_200ep_bs256_pretrain.sh).
Expected: ImageNet linear top-1 72.7, published by the authors; not yet
    measured with this code.
Hardware: 8 GPUs x 32 images; the authors: 4 V100 x 64, 7.2 days.
Command: bash tools/dist_train.sh configs/sca/swav_r50.py 8
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/imagenet_multicrop.py',
    '../_base_/schedules/swav_200e_bs256.py',
    '../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.SwAV',
    data_preprocessor=dict(type='mmsca.MultiCropPreprocessor'),
    neck=dict(
        type='SwAVNeck',
        in_channels=2048,
        hid_channels=2048,
        out_channels=128,
        norm_cfg=dict(type='mmsca.GroupSyncBN'),
    ),
    head=dict(
        type='mmsca.SwAVHead',
        num_prototypes=3000,
        temperature=0.1,
        epsilon=0.05,
        iterations=3,
        queue_length=3840,
        queue_start=15,
    ),
)
default_hooks = dict(
    prototypes=dict(type='mmsca.PrototypeHook'),
    # The first epoch.
    frozen=dict(type='mmsca.FreezeHook', iters={'head.prototypes': 5005}),
)

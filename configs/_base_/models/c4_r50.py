# Detectors on C4, from mmdet's for Caffe: stages 1-3 are the backbone, stage 4
# runs on each RoI, with one extra norm behind it.
sync_bn = dict(type='SyncBN', requires_grad=True)
c4_model = dict(
    # The base is for weights of Caffe: BGR, not divided by a deviation.
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='mmpretrain.ResNet',
        frozen_stages=-1,
        norm_cfg=sync_bn,
        norm_eval=False,
        style='pytorch',
        init_cfg=dict(type='Pretrained', checkpoint=''),
    ),
    roi_head=dict(
        shared_head=dict(
            type='ResLayerExtraNorm',
            norm_cfg=sync_bn,
            norm_eval=False,
            style='pytorch',
        ),
    ),
)
# The second registers ResLayerExtraNorm with mmdet.
c4_imports = dict(
    imports=['mmsca', 'mmpretrain.models.utils.res_layer_extra_norm']
)
c4_hooks = [
    dict(
        type='mmsca.CheckpointCoverageHook',
        tail='roi_head.shared_head.layer4',
    )
]

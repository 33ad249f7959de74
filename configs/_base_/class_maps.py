# What localization configs have in common: `cam_model` makes class maps of a
# linear classifier, `cam_timm_model` of one on timm, `cam_hooks` draws maps;
# `pack_boxes` and `pack_masks` end a pipeline, and `small_scores` compares
# maps of small images, where the pointing game has no tolerance.
cam_model = dict(
    type='mmsca.CAMClassifier', cam_method='gradcam', cam_target='gt'
)
cam_hooks = dict(
    visualization=dict(
        _delete_=True, type='mmsca.CAMVisualizationHook', enable=False
    )
)
_boxes = ('ori_gt_bboxes', 'ori_size')
pack_boxes = dict(type='PackInputs', algorithm_keys=_boxes)
pack_masks = dict(type='PackInputs', algorithm_keys=(*_boxes, 'gt_mask'))
small_scores = dict(type='mmsca.CAMLocalization', pointing_tolerance=0)
cam_timm_model = dict(
    **cam_model,
    _delete_=True,
    data_preprocessor=dict(type='ClsDataPreprocessor', to_rgb=True),
    backbone=dict(
        type='mmsca.TIMMBackbone',
        model_name='vit_small_patch16_224.dino',
        frozen=True,
    ),
    neck=dict(type='ClsBatchNormNeck'),
    head=dict(type='LinearClsHead', num_classes=1000),
)

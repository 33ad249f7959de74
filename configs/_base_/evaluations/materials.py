# MaterialScenes: neighbours, a linear classifier, its class maps, Mask R-CNN.
_base_ = './classifier.py'

data = dict(
    title='MaterialScenes',
    root='data/material_scenes',
    tool='make_material_scenes.py',
)
split = 'test'
explanation = (
    f'{_base_.explanation} MaxBoxAcc, MaxBoxAccV2, pointing: Grad-CAM of '
    'that linear classifier, its thresholds chosen on val. Box and mask AP, '
    'where they stand: Mask R-CNN fine-tuned from the backbone, COCO AP at '
    'IoU 0.50:0.95.'
)
classifier = 'classification/r18_linear_materials.py'
timm = 'classification/timm_linear_materials.py'
detector = 'detection/mask-rcnn_r18_fpn_materials.py'
maps = ['MaxBoxAcc', 'MaxBoxAccV2', 'pointing']
evaluations = dict(
    knn=dict(config=classifier, timm=timm),
    linear=dict(config=classifier, timm=timm),
    localization=dict(
        tool='test.py',
        config='localization/r18_gradcam_materials.py',
        timm='localization/timm_gradcam_materials.py',
        weights='linear',
        maps=11,
        baselines={
            'whole image': {m: f'cam/whole_image_{m}' for m in maps[:-1]},
            'centre box': {m: f'cam/centre_box_{m}' for m in maps},
        },
        columns={'linear': 'accuracy/top1'} | {m: f'cam/{m}' for m in maps},
    ),
    detection=dict(tool='train.py', config=detector),
    detection_test=dict(
        tool='test.py',
        config=detector,
        weights='detection',
        detections=True,
        columns={
            'box AP': ('coco/bbox_mAP', 100),
            'mask AP': ('coco/segm_mAP', 100),
        },
    ),
)

# A folder of your own: neighbours and a linear classifier if it has class
# folders; class maps and a detector if it has boxes. tools/split_folder.py
# says what it reads, and writes the splits down.
_base_ = './classifier.py'

data = dict(
    title='your images',
    root='data/folder',
    tool='split_folder.py',
    written='splits',
)
split = 'test'
explanation = (
    f'{_base_.explanation} MaxBoxAccV2, pointing: Grad-CAM of that linear '
    'classifier, its thresholds chosen on val. Box and mask AP: Mask R-CNN, '
    'or Faster R-CNN where there are no masks, fine-tuned from the backbone, '
    'COCO AP at IoU 0.50:0.95.'
)
linear = dict(
    config='classification/r18_linear_folder.py',
    timm='classification/timm_linear_folder.py',
)
detection = dict(
    config='detection/mask-rcnn_r18_fpn_folder.py',
    timm='detection/mask-rcnn_timm_fpn_folder.py',
    options=[
        'coco_folder.train.ann_file=splits/boxes_train.json',
        "coco_folder.train.images=''",
        'coco_folder.val.ann_file=splits/boxes_test.json',
        "coco_folder.val.images=''",
    ],
)
maps = ['MaxBoxAccV2', 'pointing']
evaluations = dict(
    knn=dict(**linear, needs=['splits/classes.txt']),
    linear=dict(**linear, needs=['splits/classes.txt']),
    linear_test=dict(
        **linear,
        tool='test.py',
        weights='linear',
        columns={'linear': 'accuracy/top1'},
    ),
    localization=dict(
        tool='test.py',
        config='localization/r18_gradcam_folder.py',
        timm='localization/timm_gradcam_folder.py',
        weights='linear',
        maps=11,
        baselines={
            'whole image': {m: f'cam/whole_image_{m}' for m in maps[:-1]},
            'centre box': {m: f'cam/centre_box_{m}' for m in maps},
        },
        needs=['splits/boxes_test.json'],
        columns={m: f'cam/{m}' for m in maps},
    ),
    detection=dict(
        **detection, tool='train.py', needs=['splits/boxes_train.json']
    ),
    detection_test=dict(
        **detection,
        tool='test.py',
        weights='detection',
        detections=True,
        optional=['mask AP'],
        columns={
            'box AP': ('coco/bbox_mAP', 100),
            'mask AP': ('coco/segm_mAP', 100),
        },
    ),
)

# A hundred photographs of COCO: maps of the backbone itself.
data = dict(
    title='COCO photographs',
    root='data/coco_first100',
    folders=['train2017', 'val2017', 'annotations'],
    guide='configs/localization/README.md',
)
split = 'val2017'
explanation = (
    'Maps of the backbone itself (the first principal component of its '
    'features) against boxes and masks of all objects; thresholds chosen on '
    'the training photographs.'
)
evaluations = dict(
    localization=dict(
        tool='test.py',
        config='localization/r18_labelfree_coco.py',
        maps=11,
        baselines={
            'whole image': {
                'MaxBoxAccV2': 'cam/whole_image_MaxBoxAccV2',
                'CorLoc': 'cam/whole_image_CorLoc',
            },
            'centre box': {
                'MaxBoxAccV2': 'cam/centre_box_MaxBoxAccV2',
                'CorLoc': 'cam/centre_box_CorLoc',
                'pointing': 'cam/centre_box_pointing',
            },
        },
        columns={
            'MaxBoxAccV2': 'cam/MaxBoxAccV2',
            'CorLoc': 'cam/CorLoc',
            'PxAP': 'cam/PxAP',
            'pointing': 'cam/pointing',
        },
    ),
)

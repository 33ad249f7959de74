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
boxes = ['MaxBoxAccV2', 'CorLoc']
evaluations = dict(
    localization=dict(
        tool='test.py',
        config='localization/r18_labelfree_coco.py',
        maps=11,
        baselines={
            'whole image': {m: f'cam/whole_image_{m}' for m in boxes},
            'centre box': {
                m: f'cam/centre_box_{m}' for m in (*boxes, 'pointing')
            },
        },
        columns={m: f'cam/{m}' for m in (*boxes, 'PxAP', 'pointing')},
    ),
)

# Tiny ImageNet: neighbours, a linear classifier and its class maps.
_base_ = './classifier.py'

data = dict(
    title='Tiny ImageNet',
    root='data/tinyimagenet',
    folders=['wnids.txt', 'train', 'val'],
    guide='configs/sca/README.md',
    tool='split_folder.py',
    written='splits',
)
split = 'test'
explanation = (
    f'{_base_.explanation} MaxBoxAccV2, pointing: Grad-CAM of that linear '
    'classifier, its thresholds chosen on val, on the images whose box covers '
    '6 to 50 % of the area; "all": on all images.'
)
classifier = 'classification/r18_linear_tinyimagenet.py'


def scores(of=''):
    return {
        'MaxBoxAccV2': f'object/{of}MaxBoxAccV2',
        'pointing': f'object/{of}pointing',
        'MaxBoxAccV2 all': f'cam/{of}MaxBoxAccV2',
        'pointing all': f'cam/{of}pointing',
    }


evaluations = dict(
    knn=dict(config=classifier),
    linear=dict(config=classifier),
    localization=dict(
        tool='test.py',
        config='localization/r18_gradcam_tinyimagenet.py',
        weights='linear',
        maps=11,
        baselines={
            'whole image': {
                'MaxBoxAccV2': 'object/whole_image_MaxBoxAccV2',
                'MaxBoxAccV2 all': 'cam/whole_image_MaxBoxAccV2',
            },
            'centre box': scores('centre_box_'),
        },
        columns={'linear': 'accuracy/top1'} | scores(),
    ),
)

# materials.py on 1,300 val scenes, for choices that test must not see.
_base_ = './materials.py'

data = dict(arguments=['--num-val', '1300'])
data_root = 'data/material_scenes_val'
split = 'val'
classifier = 'classification/r18_linear_materials_val.py'
evaluations = dict(
    knn=dict(config=classifier, timm=None),
    linear=dict(config=classifier, timm=None),
    localization=dict(
        config='localization/r18_gradcam_materials_val.py', timm=None
    ),
    detection=None,
)

# tinyimagenet.py on the val split, for choices that test must not see.
_base_ = './tinyimagenet.py'

split = 'val'
classifier = 'classification/r18_linear_tinyimagenet_val.py'
evaluations = dict(
    knn=dict(config=classifier),
    linear=dict(config=classifier),
    localization=dict(config='localization/r18_gradcam_tinyimagenet_val.py'),
)

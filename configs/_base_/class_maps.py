# What localization configs have in common: `cam_model` makes class maps of a
# linear classifier, `cam_hooks` draws maps.
cam_model = dict(
    type='mmsca.CAMClassifier', cam_method='gradcam', cam_target='gt'
)
cam_hooks = dict(
    visualization=dict(
        _delete_=True, type='mmsca.CAMVisualizationHook', enable=False
    )
)

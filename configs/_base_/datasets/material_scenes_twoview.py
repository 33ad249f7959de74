# MaterialScenes without labels, two views of 48 px.
_base_ = './material_scenes_multicrop.py'

train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            dict(_base_.views, num_crops=[2], sizes=[48], scales=[(0.4, 1.0)]),
        ]
    )
)

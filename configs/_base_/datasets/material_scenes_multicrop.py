# MaterialScenes without labels, 2x48 + 2x24 views of 64 px scenes. The recipe
# of ImageNet at half its strength and without blur, which erases texture at
# this size. Hue moves because two crops share the colour of their scene more
# easily than a texture.
_base_ = './imagenet_multicrop.py'

views = dict(
    type='mmsca.MultiCrop',
    num_crops=[2, 2],
    sizes=[48, 24],
    scales=[(0.4, 1.0), (0.1, 0.4)],
    recipe=dict(
        brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, blur=0.0
    ),
)
train_dataloader = dict(
    batch_size=64,
    num_workers=1,
    dataset=dict(
        data_root='data/material_scenes',
        pipeline=[dict(type='mmsca.SeedDraw'), views],
    ),
)

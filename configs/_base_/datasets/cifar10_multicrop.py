# CIFAR-10 as class folders, without labels: the views and the recipe of
# material_scenes_multicrop.py, whose config these fields go on top of. Views
# of 48 px enlarge images of 32, so that the last map has 6x6 locations.
cifar10 = dict(
    type='mmsca.ImageFolder',
    data_root='data/cifar10',
    data_prefix='train',
    pipeline=[
        dict(type='mmsca.SeedDraw'),
        dict(
            type='mmsca.MultiCrop',
            num_crops=[2, 2],
            sizes=[48, 24],
            scales=[(0.4, 1.0), (0.1, 0.4)],
            recipe=dict(
                brightness=0.4,
                contrast=0.4,
                saturation=0.4,
                hue=0.1,
                blur=0.0,
            ),
        ),
    ],
)

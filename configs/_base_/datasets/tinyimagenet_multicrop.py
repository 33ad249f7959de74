# Tiny ImageNet without labels, 64 px, but for the images of val: the views and
# the recipe of material_scenes_multicrop.py, whose config these fields go on
# top of. Views of 48 px give maps of 6x6 locations.
tinyimagenet = dict(
    type='mmsca.ImageFolder',
    data_root='data/tinyimagenet',
    data_prefix='',
    ann_file='splits/train_images.txt',
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

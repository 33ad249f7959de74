# The photographs of a folder of COCO without labels: the recipe of
# material_scenes_multicrop.py, whose config these fields go on top of. Views
# of 64 px give maps of 8x8 locations.
coco = dict(
    type='mmsca.ImageFolder',
    data_root='data/coco_first100',
    data_prefix='train2017',
    pipeline=[
        dict(type='mmsca.SeedDraw'),
        dict(
            type='mmsca.MultiCrop',
            num_crops=[2, 2],
            sizes=[64, 32],
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

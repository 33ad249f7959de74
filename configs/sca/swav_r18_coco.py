"""SwAV on 100 photographs of COCO, the control of swav_sca_r18_coco.py.

Reproduces: nothing; swav_r18_materials.py on photographs of several objects,
    200 epochs of 2 steps.
Expected: docs/study/coco.md.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_r18_coco.py
Data: data/coco_first100, as configs/localization/README.md makes it.
"""

_base_ = './swav_r18_materials.py'

train_dataloader = dict(
    batch_size=50,
    dataset=dict(
        data_root='data/coco_first100',
        data_prefix='train2017',
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            # Views of 64 px give maps of 8x8 locations.
            dict(_base_.views, sizes=[64, 32]),
        ],
    ),
)
train_cfg = dict(max_epochs=200)

"""SwAV on 100 photographs of COCO, the control of swav_sca_r18_coco.py.

Reproduces: nothing; swav_r18_materials.py on photographs of several objects,
    200 epochs of 2 steps.
Expected: docs/study/coco.md.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_r18_coco.py
Data: data/coco_first100, as configs/localization/README.md makes it.
"""

_base_ = [
    './swav_r18_materials.py',
    '../_base_/datasets/coco_multicrop.py',
]

train_dataloader = dict(batch_size=50, dataset={{_base_.coco}})
train_cfg = dict(max_epochs=200)

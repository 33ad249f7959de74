"""SwAV + SCA on 100 photographs of COCO.

Reproduces: nothing; swav_r18_coco.py with the SCA of
    swav_sca_r18_materials.py. The fields below are those of the control.
Expected: docs/study/coco.md.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_coco.py
Data: data/coco_first100, as configs/localization/README.md makes it.
"""

_base_ = [
    './swav_sca_r18_materials.py',
    '../_base_/datasets/coco_multicrop.py',
]

train_dataloader = dict(batch_size=50, dataset={{_base_.coco}})
train_cfg = dict(max_epochs=200)

"""SwAV on Tiny ImageNet, the control of swav_sca_r18_tinyimagenet.py.

Reproduces: nothing; swav_r18_materials.py on photographs whose objects have
    a box each, with more prototypes and fewer epochs.
Expected: not measured yet.
Hardware: one CPU core, no GPU; for all 200 classes a GPU.
Command: python tools/train.py configs/sca/swav_r18_tinyimagenet.py
Data: python tools/prepare_data.py tinyimagenet tiny-imagenet-200.zip
"""

_base_ = './swav_r18_materials.py'

model = dict(head=dict(num_prototypes=128))
# Without the images of val. Views of 48 px give maps of 6x6 locations.
train_dataloader = dict(
    dataset=dict(
        data_root='data/tinyimagenet',
        data_prefix='',
        ann_file='splits/train_images.txt',
    )
)
train_cfg = dict(max_epochs=12)
default_hooks = dict(logger=dict(interval=50))

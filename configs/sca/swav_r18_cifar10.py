"""SwAV on CIFAR-10, the control of swav_sca_r18_cifar10.py.

Reproduces: nothing; swav_r18_materials.py on photographs, with more
    prototypes and fewer epochs.
Expected: docs/study/cifar10.md, five seeds.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_r18_cifar10.py
Data: python tools/prepare_data.py cifar10 cifar-10-python.tar.gz
"""

_base_ = './swav_r18_materials.py'

model = dict(head=dict(num_prototypes=64))
# Views of 48 px enlarge images of 32, so that the last map has 6x6 locations.
train_dataloader = dict(dataset=dict(data_root='data/cifar10'))
train_cfg = dict(max_epochs=3)
default_hooks = dict(logger=dict(interval=50))

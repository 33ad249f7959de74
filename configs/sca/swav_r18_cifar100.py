"""SwAV on CIFAR-100, the control of swav_sca_r18_cifar100.py.

Reproduces: nothing; swav_r18_tinyimagenet.py on images of 32 px, which
    views of 48 px enlarge.
Expected: not measured yet.
Hardware: one GPU, or a CPU core for some hours.
Command: python tools/train.py configs/sca/swav_r18_cifar100.py
Data: python tools/prepare_data.py cifar100 cifar-100-python.tar.gz
"""

_base_ = './swav_r18_tinyimagenet.py'

model = dict(head=dict(num_prototypes=256))
train_dataloader = dict(dataset=dict(data_root='data/cifar100'))
train_cfg = dict(max_epochs=100)

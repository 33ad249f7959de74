"""SwAV on ImageNet-100, the control of swav_sca_r18_imagenet100.py.

Reproduces: nothing; swav_r18_folder.py on 100 classes of ImageNet, those of
    Contrastive Multiview Coding (arXiv:1906.05849).
Expected: not measured yet.
Hardware: one GPU.
Command: python tools/train.py configs/sca/swav_r18_imagenet100.py
Data: python tools/prepare_data.py imagenet100 IMAGENET
"""

_base_ = './swav_r18_folder.py'

train_dataloader = dict(
    dataset=dict(
        data_root='data/imagenet100', ann_file='splits/train_images.txt'
    )
)

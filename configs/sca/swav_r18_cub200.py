"""SwAV on CUB-200-2011, the control of swav_sca_r18_cub200.py.

Reproduces: nothing; swav_r18_folder.py on birds. 5,394 images are few to
    learn from.
Expected: not measured yet.
Hardware: one GPU.
Command: python tools/train.py configs/sca/swav_r18_cub200.py
Data: python tools/prepare_data.py cub200 CUB_200_2011.tgz
"""

_base_ = './swav_r18_folder.py'

train_dataloader = dict(
    dataset=dict(data_root='data/cub200', ann_file='splits/train_images.txt')
)

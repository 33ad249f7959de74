"""SwAV + SCA on your own folder of unlabelled images, on one machine.

Reproduces: nothing; swav_r18_folder.py with SCA.
Expected: depends on the images; watch the loss fall below
    ln(512) = 6.24, and judge with tools/knn.py.
Hardware: one GPU; any number of images from some thousands on.
Command: python tools/train.py configs/sca/swav_sca_r18_folder.py \
    --cfg-options train_dataloader.dataset.data_root=FOLDER
"""

_base_ = ['./swav_r18_folder.py', '../_base_/models/sca.py']

model = dict(type='mmsca.SwAVSCA', **_base_.sca_block)

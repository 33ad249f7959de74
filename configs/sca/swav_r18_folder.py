"""SwAV on your own folder of unlabelled images, on one machine.

Reproduces: nothing; the recipe of swav_r50.py cut to one GPU: linear lr
    rule for the small batch, a queue, fewer prototypes, and the lower
    epsilon that SwAV's authors advise where the loss stays at ln(K).
Expected: depends on the images; watch the loss fall below
    ln(512) = 6.24, and judge with tools/knn.py.
Hardware: one GPU; any number of images from some thousands on.
Command: python tools/train.py configs/sca/swav_r18_folder.py \
    --cfg-options train_dataloader.dataset.data_root=FOLDER
"""

_base_ = './swav_r50.py'

model = dict(
    backbone=dict(depth=18),
    neck=dict(in_channels=512, hid_channels=512),
    head=dict(num_prototypes=512, queue_length=1920, epsilon=0.03),
)
train_dataloader = dict(
    batch_size=64,
    dataset=dict(data_root='data/folder', data_prefix=''),
)
# The lr of batch 256, 0.6, by the linear rule.
optim_wrapper = dict(optimizer=dict(lr=0.15))
auto_scale_lr = dict(base_batch_size=64)
default_hooks = dict(frozen=dict(iters={'head.prototypes': 500}))

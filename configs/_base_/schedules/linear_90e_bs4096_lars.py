# mmpretrain's imagenet_lars_coslr_90e: 90 epochs, batch 4096, lr 1.6 to 0 by
# a cosine per epoch, no weight decay.
_base_ = './linear_100e_bs256.py'

optim_wrapper = dict(
    optimizer=dict(type='mmsca.LARS', lr=1.6, weight_decay=0.0)
)
train_cfg = dict(max_epochs=90)
auto_scale_lr = dict(base_batch_size=4096)

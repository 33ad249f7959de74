# mmpretrain's imagenet_lars_coslr_90e: 90 epochs, batch 4096, lr 1.6 to 0 by
# a cosine per epoch, no weight decay.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='mmsca.LARS', lr=1.6, momentum=0.9, weight_decay=0.0),
)
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]
train_cfg = dict(
    type='mmsca.ResumableEpochLoop', max_epochs=90, val_interval=1
)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=4096)

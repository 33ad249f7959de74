# SwAV's eval_linear.py: 100 epochs, batch 256, lr 0.3 to 0 by a cosine per
# epoch.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.3, momentum=0.9, weight_decay=1e-6),
)
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]
train_cfg = dict(type='mmsca.ResumableEpochLoop', max_epochs=100)
val_cfg = test_cfg = dict()
auto_scale_lr = dict(base_batch_size=256)

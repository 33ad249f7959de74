# The same for the small data set: 10 epochs, batch 128, validated once.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.3, momentum=0.9, weight_decay=1e-6),
)
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]
train_cfg = dict(
    type='mmsca.ResumableEpochLoop', max_epochs=10, val_interval=10
)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=128)

# mmselfsup's resnet50_mhead_linear-8xb32-steplr-90e: SGD with Nesterov
# momentum, no weight decay on normalisation, lr 0.01 divided by ten twice.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='SGD', lr=0.01, momentum=0.9, weight_decay=1e-4, nesterov=True
    ),
    paramwise_cfg=dict(norm_decay_mult=0.0),
)
param_scheduler = [
    dict(type='MultiStepLR', milestones=[30, 60], end=90, gamma=0.1)
]
train_cfg = dict(type='mmsca.ResumableEpochLoop', max_epochs=90)
val_cfg = test_cfg = dict()
auto_scale_lr = dict(base_batch_size=256)

# Pretraining on the small data set: 15 epochs of 31 steps.
optim_wrapper = dict(
    type='mmsca.BF16OptimWrapper',
    optimizer=dict(type='AdamW', lr=6e-3, weight_decay=1e-4),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.03, by_epoch=False, end=30),
    dict(type='CosineAnnealingLR', convert_to_iter_based=True),
]
train_cfg = dict(type='mmsca.ResumableEpochLoop', max_epochs=15)
auto_scale_lr = dict(base_batch_size=64)

# SwAV's eval_semisup.py for 10 % of the labels: 20 epochs, batch 256, lr 0.01
# for the backbone and 0.2 for the head, both times 0.2 after 12 and 16.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=0.0),
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=20.0)}),
)
param_scheduler = [
    dict(type='MultiStepLR', milestones=[12, 16], end=20, gamma=0.2)
]
train_cfg = dict(type='mmsca.ResumableEpochLoop', max_epochs=20)
val_cfg = test_cfg = dict()
auto_scale_lr = dict(base_batch_size=256)

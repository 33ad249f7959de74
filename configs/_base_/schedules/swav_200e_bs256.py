# The authors' swav_200ep_bs256_pretrain.sh: 200 epochs, batch 256, lr 0.6 to
# a thousandth of it by a cosine per iteration, no warm-up.
optim_wrapper = dict(
    type='mmsca.BF16OptimWrapper',
    optimizer=dict(type='mmsca.LARC', lr=0.6, momentum=0.9, weight_decay=1e-6),
)
param_scheduler = [
    dict(
        type='CosineAnnealingLR',
        eta_min_ratio=1e-3,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
train_cfg = dict(type='mmsca.ResumableEpochLoop', max_epochs=200)
auto_scale_lr = dict(base_batch_size=256)

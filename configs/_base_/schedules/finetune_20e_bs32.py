# The same for the small data set: 20 epochs, batch 32, validated once.
_base_ = './finetune_20e_bs256.py'

train_cfg = dict(val_interval=20)
auto_scale_lr = dict(base_batch_size=32)

# The same for the small data set: 10 epochs, batch 128, validated once.
_base_ = './linear_100e_bs256.py'

train_cfg = dict(max_epochs=10, val_interval=10)
auto_scale_lr = dict(base_batch_size=128)

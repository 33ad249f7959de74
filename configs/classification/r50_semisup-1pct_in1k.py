"""ResNet-50 fine-tuned on 1 % of the labels of ImageNet.

Reproduces: the semi-supervised evaluation of SwAV (eval_semisup.py): 20
epochs, lr 0.02 for the backbone and 5 for the head.

Expected score (top-1): not measured yet. Published in the paper of SwAV for
800 epochs of pretraining: 53.9.

Hardware: 8 GPUs x 32 images. On another number, add --auto-scale-lr.
Data: 1percent.txt of google-research/simclr (imagenet_subsets) in
data/imagenet.

    bash tools/dist_train.sh configs/classification/r50_semisup-1pct_in1k.py \
        8 --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r50_semisup-10pct_in1k.py'

optim_wrapper = dict(
    optimizer=dict(lr=0.02),
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=250.0)}),
)
train_dataloader = dict(dataset=dict(ann_file='1percent.txt'))

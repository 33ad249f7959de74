"""ResNet-50 fine-tuned on 10 % of the labels of ImageNet.

Reproduces: the semi-supervised evaluation of SwAV (eval_semisup.py): 20
epochs, lr 0.01 for the backbone and 0.2 for the head.

Expected score (top-1): not measured yet. Published in the paper of SwAV for
800 epochs of pretraining: 70.2.

Hardware: 8 GPUs x 32 images. On another number, add --auto-scale-lr.
Data: 10percent.txt of google-research/simclr (imagenet_subsets) in
data/imagenet.

    bash tools/dist_train.sh configs/classification/r50_semisup-10pct_in1k.py \
        8 --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r50.py',
    '../_base_/datasets/imagenet_linear.py',
    '../_base_/schedules/finetune_20e_bs256.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(frozen_stages=-1))
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmsca.ListedImages',
        data_root='data/imagenet',
        data_prefix='train',
        ann_file='10percent.txt',
        pipeline=_base_.train_dataloader.dataset.pipeline,
    )
)

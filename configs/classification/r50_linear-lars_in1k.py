"""Linear classification on the frozen ResNet-50, ImageNet, large batch.

Reproduces: the linear evaluation that mmpretrain ships with SwAV
(swav/benchmarks/resnet50_8xb512-linear-coslr-90e_in1k.py): LARS 1.6, 90
epochs, batch 4096. Faster on 8 GPUs than r50_linear_in1k.py.

Expected score (top-1): not measured yet. No published one either: the 70.5 of
mmpretrain was measured with batch 256 and SGD, as in r50_linear_in1k.py.

Hardware: 8 GPUs x 512 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/classification/r50_linear-lars_in1k.py \
        8 --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r50.py',
    '../_base_/datasets/imagenet_linear.py',
    '../_base_/schedules/linear_90e_bs4096_lars.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(batch_size=512)

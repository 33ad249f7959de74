"""ResNet-50 fine-tuned on all labels of ImageNet.

Reproduces: nothing; the recipe of SwAV's eval_semisup.py for 10 % of the
labels, taken for all of them, so that the three columns of a table differ in
the number of labels alone. The authors of SwAV publish no such evaluation.

Expected score (top-1): not measured yet, none published.

Hardware: 8 GPUs x 32 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/classification/r50_finetune_in1k.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r50.py',
    '../_base_/datasets/imagenet_linear.py',
    '../_base_/schedules/finetune_20e_bs256.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(frozen_stages=-1))

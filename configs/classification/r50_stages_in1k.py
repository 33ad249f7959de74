"""Linear classification on each stage of the frozen ResNet-50, ImageNet.

Reproduces: the multi-head evaluation of mmselfsup
(resnet50_mhead_linear-8xb32-steplr-90e_in1k.py): maps of the stem and the
four stages, averaged to about 9,000 numbers each. The grids are those of
mmselfsup, in adaptive windows; its noise of the lighting is left out.

Expected score (top-1 of stem, layer1 .. layer4): not measured yet for SCA.
Published by mmselfsup for its SwAV of 200 epochs, batch 256 (feature1 ..
feature5): 16.98, 34.96, 49.26, 65.98, 70.74.

Hardware: 8 GPUs x 32 images. On another number, add --auto-scale-lr.

    bash tools/dist_train.sh configs/classification/r50_stages_in1k.py 8 \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = [
    '../_base_/models/linear_r50.py',
    '../_base_/datasets/imagenet_linear.py',
    '../_base_/schedules/stages_90e_bs256.py',
    '../_base_/default_runtime.py',
]

model = dict(
    type='mmsca.StageProbe',
    backbone=dict(out_indices=(0, 1, 2, 3)),
    neck=None,
    head=dict(
        _delete_=True,
        type='mmsca.MultiStageLinearHead',
        num_classes=1000,
        in_channels=[64, 256, 512, 1024, 2048],
        # 9216, 9216, 8192, 9216 and 8192 numbers.
        pool_sizes=[12, 6, 4, 3, 2],
        names=['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
        norm_cfg=dict(type='mmsca.GroupSyncBN', affine=False),
    ),
)
pipeline = [*_base_.train_dataloader.dataset.pipeline]
pipeline[-1:-1] = [
    dict(type='ColorJitter', brightness=0.4, contrast=0.4, saturation=0.4)
]
train_dataloader = dict(dataset=dict(pipeline=pipeline))
val_evaluator = test_evaluator = dict(
    _delete_=True, type='mmsca.StageAccuracy'
)

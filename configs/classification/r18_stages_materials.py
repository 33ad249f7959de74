"""Linear classification on each stage of the thin ResNet-18, MaterialScenes.

The small twin of r50_stages_in1k.py: 10 epochs, and maps averaged to about
1,000 numbers each. Validates on the val split once, at the end; tools/test.py
evaluates the test split.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/make_material_scenes.py

    python tools/train.py configs/classification/r18_stages_materials.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_linear_materials.py'

model = dict(
    type='mmsca.StageProbe',
    backbone=dict(out_indices=(0, 1, 2, 3)),
    neck=None,
    head=dict(
        _delete_=True,
        type='mmsca.MultiStageLinearHead',
        num_classes=10,
        in_channels=[16, 16, 32, 64, 128],
        # 1024, 1024, 1152, 1024 and 1152 numbers.
        pool_sizes=[8, 8, 6, 4, 3],
        names=['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
        norm_cfg=dict(type='BN', affine=False),
    ),
)
optim_wrapper = dict(optimizer=dict(lr=0.1))
val_evaluator = test_evaluator = dict(
    _delete_=True, type='mmsca.StageAccuracy'
)

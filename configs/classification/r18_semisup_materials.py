"""The thin ResNet-18 fine-tuned on 10 % of the labels of MaterialScenes.

The small twin of r50_semisup-10pct_in1k.py: every tenth training image,
200 in all. Validates on the val split once, at the end; tools/test.py
evaluates the test split.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/make_material_scenes.py, then the list of
configs/classification/README.md

    python tools/train.py configs/classification/r18_semisup_materials.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_finetune_materials.py'

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmsca.ListedImages',
        data_root='data/material_scenes',
        data_prefix='train',
        ann_file='10percent.txt',
        pipeline=_base_.train_dataloader.dataset.pipeline,
    )
)

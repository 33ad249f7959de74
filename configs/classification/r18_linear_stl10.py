"""Linear classification on the frozen thin ResNet-18, STL-10.

Reproduces: nothing; r18_linear_tinyimagenet.py on images of 96 px.
Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py stl10 stl10_binary.tar.gz

    python tools/train.py configs/classification/r18_linear_stl10.py \
        --cfg-options model.backbone.init_cfg.checkpoint=CKPT
"""

_base_ = './r18_linear_tinyimagenet.py'

data = dict(data_root='data/stl10')
train_dataloader = dict(
    dataset=dict(
        **data,
        pipeline=[
            dict(type='mmsca.SeedDraw'),
            dict(type='mmsca.LoadImage'),
            dict(
                type='RandomResizedCrop',
                scale=96,
                crop_ratio_range=(0.5, 1.0),
            ),
            dict(type='RandomFlip', prob=0.5, direction='horizontal'),
            dict(type='PackInputs'),
        ],
    )
)
val_dataloader = test_dataloader = dict(dataset=data)

"""SwAV + SCA on MaterialScenes, watched: masks, partners and neighbours.

Reproduces: nothing; swav_sca_r18_materials.py to the bit, and after each
    epoch the scalars sca/* (mmsca.AttentionStatisticsHook) and knn/top1
    (mmsca.KNNHook) on the val split.
Expected: as swav_sca_r18_materials.py.
Hardware: one CPU core, no GPU.
Command: python tools/train.py configs/sca/swav_sca_r18_materials_watched.py
Data: python tools/make_material_scenes.py
"""

_base_ = './swav_sca_r18_materials.py'

default_hooks = dict(
    attention_statistics=dict(
        type='mmsca.AttentionStatisticsHook',
        dataloader=dict(
            batch_size=64,
            num_workers=0,
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='mmsca.stack_images'),
            dataset=dict(
                type='mmsca.WSOLDataset',
                data_root='data/material_scenes',
                ann_file='metadata/val',
                test_mode=True,
                pipeline=[
                    dict(type='mmsca.LoadImage'),
                    dict(
                        type='PackInputs',
                        algorithm_keys=('ori_gt_bboxes', 'ori_size'),
                    ),
                ],
            ),
        ),
    ),
    knn=dict(
        type='mmsca.KNNHook',
        train_dataloader=dict(
            batch_size=128,
            num_workers=0,
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='mmsca.stack_images'),
            dataset=dict(
                type='mmsca.ClassFolders',
                data_root='data/material_scenes',
                data_prefix='train',
                pipeline=[
                    dict(type='mmsca.LoadImage'),
                    dict(type='PackInputs'),
                ],
            ),
        ),
        test_dataloader=dict(
            batch_size=128,
            num_workers=0,
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='mmsca.stack_images'),
            dataset=dict(
                type='mmsca.ClassFolders',
                data_root='data/material_scenes',
                data_prefix='val',
                classes='train',
                pipeline=[
                    dict(type='mmsca.LoadImage'),
                    dict(type='PackInputs'),
                ],
            ),
        ),
        k=20,
    ),
)

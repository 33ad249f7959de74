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


def loader(batch_size, pack, **dataset):
    return dict(
        batch_size=batch_size,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='mmsca.stack_images'),
        dataset=dict(
            data_root='data/material_scenes',
            pipeline=[
                dict(type='mmsca.LoadImage'),
                dict(type='PackInputs', **pack),
            ],
            **dataset,
        ),
    )


folders = dict(batch_size=128, pack={}, type='mmsca.ClassFolders')
default_hooks = dict(
    attention_statistics=dict(
        type='mmsca.AttentionStatisticsHook',
        dataloader=loader(
            64,
            dict(algorithm_keys=('ori_gt_bboxes', 'ori_size')),
            type='mmsca.WSOLDataset',
            ann_file='metadata/val',
            test_mode=True,
        ),
    ),
    knn=dict(
        type='mmsca.KNNHook',
        train_dataloader=loader(**folders, data_prefix='train'),
        test_dataloader=loader(**folders, data_prefix='val', classes='train'),
        k=20,
    ),
)

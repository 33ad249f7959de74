from argparse import Namespace

import pytest

from mmsca.apis.config import load_config

R50 = 'sca/swav_sca_r50'
TYPED = {'train_dataloader.num_workers': 5}


@pytest.mark.parametrize(
    'name, options, cores, ranks, train, test',
    [
        (R50, {}, 16, 1, 8, None),
        (R50, {}, 2, 1, 2, None),
        (R50, {}, 6, 2, 3, None),
        (R50, {}, 1, 2, 1, None),
        (R50, TYPED, 2, 1, 5, None),
        ('classification/r18_linear_folder', {}, 1, 1, 1, 1),
        # mmdet's augmentation is seeded by worker.
        ('detection/mask-rcnn_r18_fpn_materials', {}, 1, 1, 2, 1),
    ],
)
def test_workers_follow_the_cores(
    name, options, cores, ranks, train, test, monkeypatch
):
    monkeypatch.setattr('mmsca.apis.config.usable_cores', lambda: cores)
    monkeypatch.setenv('LOCAL_WORLD_SIZE', str(ranks))
    monkeypatch.setenv('LOCAL_RANK', '0')
    cfg = load_config(Namespace(config=name, cfg_options=options))
    assert cfg.train_dataloader.num_workers == train
    if test:
        assert cfg.test_dataloader.num_workers == test

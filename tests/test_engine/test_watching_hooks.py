"""Hooks that score a pretraining as it goes, and change nothing in it."""

import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from ranks import run_ranks
from small_runs import data_root_options, load_config, logged, train_small
from torch import nn

from mmsca.apis.knn import knn
from mmsca.engine.hooks.knn_hook import KNNHook
from mmsca.utils.errors import InputError

SWAV = 'sca/swav_r18_materials'
SCA = 'sca/swav_sca_r18_materials'
LINEAR = 'classification/r18_linear_materials'
K = 7


def dataloader(data, split, **dataset):
    return dict(
        batch_size=6,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='default_collate'),
        dataset={
            'type': 'mmsca.ClassFolders',
            'data_root': str(data),
            'data_prefix': split,
            'pipeline': [
                dict(type='LoadImageFromFile'),
                dict(type='PackInputs'),
            ],
            **dataset,
        },
    )


def knn_hook(data, **test):
    return dict(
        type='mmsca.KNNHook',
        train_dataloader=dataloader(data, 'train'),
        test_dataloader=dataloader(data, 'test', **test),
        k=K,
    )


def pretrain(config, data, work_dir, **hooks):
    """Two epochs in which nothing seeds anew what is drawn."""
    cfg = load_config(config)
    cfg.default_hooks.update(hooks)
    del cfg.default_hooks.keyed_randomness
    del cfg.train_dataloader.dataset.pipeline[0]  # SeedDraw
    file = work_dir.with_suffix('.py')
    cfg.dump(file)
    options = ('train_cfg.max_epochs=2', 'default_hooks.checkpoint.interval=1')
    train_small(file, data, work_dir, *options)
    return torch.load(work_dir / 'epoch_2.pth', weights_only=False)


def test_hooks_log_every_epoch_and_change_nothing(material_scenes, tmp_path):
    data = material_scenes
    hook = knn_hook(data)
    watched = pretrain(f'{SCA}_watched', data, tmp_path / 'on', knn=hook)
    plain = pretrain(SCA, data, tmp_path / 'off')
    for key in ('state_dict', 'optimizer'):
        torch.testing.assert_close(watched[key], plain[key], rtol=0, atol=0)

    lines = logged(tmp_path / 'on')
    statistics = [line for line in lines if 'sca/mask_in_box' in line]
    assert len(statistics) == 2
    for line in statistics:
        assert 0 < line['sca/mask_in_box'] < 1
        assert 0 <= line['sca/partner_purity'] <= 1
        assert line['step'] > 0

    options = [
        *('--k', str(K), '--out', str(tmp_path / 'knn.json')),
        '--cfg-options',
        *data_root_options(LINEAR, data),
        'train_dataloader.num_workers=0',
        'test_dataloader.num_workers=0',
    ]
    by_tool = [
        knn([LINEAR, str(tmp_path / f'on/epoch_{n}.pth'), *options])
        for n in (1, 2)
    ]
    top1 = [line['knn/top1'] for line in lines if 'knn/top1' in line]
    assert top1 == pytest.approx([r['top1'][str(K)] for r in by_tool])


def test_a_model_or_data_that_a_hook_can_not_score(material_scenes, tmp_path):
    hook = dict(type='mmsca.AttentionStatisticsHook', dataloader=dict())
    with pytest.raises(InputError, match='mmsca.SwAVSCA, got SwAV.'):
        pretrain(SWAV, material_scenes, tmp_path / 'a', statistics=hook)
    hook = knn_hook(material_scenes, type='mmsca.ImageFolder')
    with pytest.raises(InputError, match='test_dataloader needs labels'):
        pretrain(SWAV, material_scenes, tmp_path / 'b', knn=hook)


@pytest.mark.parametrize('wrong', [dict(k=0), dict(temperature=0)])
def test_no_neighbours(wrong):
    with pytest.raises(InputError, match='KNNHook needs k'):
        KNNHook({}, {}, **wrong)


class Model(nn.Module):
    """Any method: a backbone, and images as they are loaded."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.backbone = Backbone()
        self.data_preprocessor = Preprocessor()
        self.backbone.register_forward_hook(self.guide)

    def guide(self, *args):
        assert not self.training  # BN keeps its statistics


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 5, stride=4)
        self.bn = nn.BatchNorm2d(8)

    def forward(self, images):
        return (self.bn(self.conv(images)),)


class Preprocessor(nn.Module):
    def forward(self, batch, training):
        return dict(batch, inputs=batch['inputs'].float())


def top1_on_rank(rank, world_size, data, indices):
    init_default_scope('mmpretrain')
    hook = KNNHook(
        dataloader(data, 'train', indices=indices),
        dataloader(data, 'test', indices=indices[:19]),
        k=K,
    )
    hook.dataloaders = {
        name: Runner.build_dataloader(cfg)
        for name, cfg in hook.dataloaders.items()
    }
    model = Model().train()
    top1 = hook.evaluate(model)
    return top1, model.backbone.bn.running_mean


def test_ranks_share_the_images(material_scenes):
    # No multiple of three ranks, so some of them are padded.
    args = (str(material_scenes), list(range(20)))
    ((expected, mean),) = run_ranks(top1_on_rank, 1, *args)
    assert 0 < expected < 100 and mean.eq(0).all()
    for top1, _ in run_ranks(top1_on_rank, 3, *args):
        assert top1 == expected

import json
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from ranks import run_ranks
from scenes_options import data_root_options
from torch import nn

from mmsca.apis.knn import knn
from mmsca.apis.train import train
from mmsca.engine.hooks.knn_hook import KNNHook
from mmsca.utils.errors import InputError

ROOT = Path(__file__).parents[2]
PRETRAIN = ROOT / 'configs/sca/swav_sca_r18_materials.py'
LINEAR = ROOT / 'configs/classification/r18_linear_materials.py'
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


def pretrain(data, work_dir, hooks):
    """Two epochs in which nothing seeds anew what is drawn."""
    file = work_dir.with_suffix('.py')
    cfg = Config.fromfile(PRETRAIN)
    cfg.default_hooks.update(hooks)
    del cfg.default_hooks.keyed_randomness
    del cfg.train_dataloader.dataset.pipeline[0]  # SeedDraw
    cfg.dump(file)
    train(
        [
            *(str(file), '--work-dir', str(work_dir), '--cfg-options'),
            *data_root_options(file, data),
            'train_cfg.max_epochs=2',
            'train_dataloader.batch_size=8',
            'train_dataloader.num_workers=0',
            'default_hooks.checkpoint.interval=1',
        ]
    )
    return torch.load(work_dir / 'epoch_2.pth', weights_only=False)


def logged(work_dir):
    (file,) = work_dir.glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [n['knn/top1'] for n in lines if 'knn/top1' in n]


def test_logs_what_the_tool_finds_and_changes_nothing(
    material_scenes, tmp_path
):
    hook = dict(
        type='mmsca.KNNHook',
        train_dataloader=dataloader(material_scenes, 'train'),
        test_dataloader=dataloader(material_scenes, 'test'),
        k=K,
    )
    watched = pretrain(material_scenes, tmp_path / 'on', dict(knn=hook))
    plain = pretrain(material_scenes, tmp_path / 'off', {})
    for key in ('state_dict', 'optimizer'):
        torch.testing.assert_close(watched[key], plain[key], rtol=0, atol=0)

    options = [
        *('--k', str(K), '--out', str(tmp_path / 'knn.json')),
        '--cfg-options',
        *data_root_options(LINEAR, material_scenes),
        'train_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
        'test_dataloader.num_workers=0',
        'test_dataloader.persistent_workers=False',
    ]
    expected = [
        knn([str(LINEAR), str(tmp_path / f'on/epoch_{n}.pth'), *options])
        for n in (1, 2)
    ]
    assert logged(tmp_path / 'on') == pytest.approx(
        [results['top1'][str(K)] for results in expected]
    )


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


@pytest.mark.parametrize('wrong', [dict(k=0), dict(temperature=0)])
def test_refuses_no_neighbours(wrong):
    with pytest.raises(InputError, match='KNNHook needs k'):
        KNNHook({}, {}, **wrong)


def test_refuses_a_data_set_without_labels(material_scenes, tmp_path):
    hook = dict(
        type='mmsca.KNNHook',
        train_dataloader=dataloader(material_scenes, 'train'),
        test_dataloader=dataloader(
            material_scenes, 'test', type='mmsca.ImageFolder'
        ),
    )
    with pytest.raises(InputError, match='test_dataloader needs labels'):
        pretrain(material_scenes, tmp_path / 'on', dict(knn=hook))

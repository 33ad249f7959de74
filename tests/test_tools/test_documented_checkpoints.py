"""Each command of the table in docs/checkpoints.md loads such a file."""

import re
import shlex
from argparse import Namespace
from functools import cache
from pathlib import Path

import pytest
import timm
import torch
import torchvision
from checkpoint_layouts import content_of
from mmengine.registry import MODELS, init_default_scope

from mmsca.apis import test as testing
from mmsca.apis import train as training
from mmsca.apis.config import load_config
from mmsca.apis.export import export
from mmsca.apis.inspect import inspect
from mmsca.apis.knn import build_model, knn
from mmsca.apis.knn import parse_args as knn_args
from mmsca.utils.errors import InputError

R50 = 'configs/classification/r50_linear_in1k.py'
ROWS = re.findall(
    r'^\| ([^|]+) \| `mmsca (\w+) ([^`]*)` \|$',
    Path('docs/checkpoints.md').read_text(),
    re.M,
)


@cache
def resnet(name='resnet50'):
    weights = getattr(torchvision.models, name)().state_dict()
    return {k: v for k, v in weights.items() if not k.startswith('fc.')}


def content_of_row(row):
    """A file of the kind that the first column says."""
    if row.startswith('ViT'):
        name, layout = 'vit_small_patch16_224', 'moco_v3'
        if 'DINOv2' in row:
            name, layout = 'vit_small_patch14_dinov2', 'backbone_alone'
        model = timm.create_model(name, num_classes=0)
        return content_of(layout, model.state_dict())
    if 'student' in row:
        return content_of('dino', resnet())
    return resnet('resnet18' if 'another depth' in row else 'resnet50')


def run(tool, argv, tmp_path):
    if tool == 'knn':
        args = knn_args(argv)
        cfg = load_config(args)
        init_default_scope(cfg.default_scope)
        return build_model(cfg, args.checkpoint).backbone
    if tool == 'train':
        cfg = training.train_config(training.parse_args(argv))
        init_default_scope(cfg.default_scope)
        backbone = cfg.model.backbone | dict(norm_cfg=dict(type='BN'))
        backbone = MODELS.build(backbone)
        backbone.init_weights()
        return backbone
    if tool == 'test':
        args = testing.parse_args([*argv, f'--work-dir={tmp_path}'])
        cfg = testing.test_config(args)
        runner = training.build_runner(cfg)
        runner.load_or_resume()
        return runner.model.backbone
    {'export': export, 'inspect': inspect}[tool](argv)


def test_the_table_is_there():
    tools = {'knn', 'train', 'test', 'export', 'inspect'}
    assert {tool for _, tool, _ in ROWS if 'FILE' in _} >= tools


@pytest.mark.parametrize(
    'row, tool, words', [r for r in ROWS if 'FILE' in r[2]]
)
def test_row(row, tool, words, tmp_path):
    content = content_of_row(row)
    names = {'FILE': 'a.pth', 'NEW': 'new'}
    torch.save(content, tmp_path / 'a.pth')
    for name, file in names.items():
        words = words.replace(name, str(tmp_path / file))
    backbone = run(tool, shlex.split(words), tmp_path)
    if backbone is not None and 'conv1.weight' in content:
        assert torch.equal(backbone.conv1.weight, content['conv1.weight'])
    assert (tmp_path / 'new.safetensors').exists() == (tool == 'export')


def test_knn_as_typed(material_scenes, tmp_path):
    """On a few images, in place of ImageNet."""
    torch.save(content_of('moco_v2', resnet()), tmp_path / 'a.pth')
    options = []
    for split in ('train', 'test'):
        loader = f'{split}_dataloader'
        options += [
            f'{loader}.num_workers=0',
            f'{loader}.dataset.indices=4',
            f'{loader}.dataset.data_prefix={split}',
            f'{loader}.dataset.data_root={material_scenes}',
        ]
    argv = [R50, str(tmp_path / 'a.pth'), '--k', '1', '--cfg-options']
    results = knn([*argv, *options, '--work-dir', str(tmp_path)])
    assert results['num_train'] == results['num_test'] == 4


def test_argparse_in_a_file(tmp_path):
    """DINO's full checkpoint: the sentence has the line that helps."""
    content = content_of('dino', resnet('resnet18'))
    content['args'] = Namespace(lr=0.1)
    torch.save(content, tmp_path / 'a.pth')
    line = r"argparse\.Namespace.*torch\.save\(torch\.load\('.*a\.pth'"
    with pytest.raises(InputError, match=line):
        inspect([str(tmp_path / 'a.pth')])

"""What tools/inspect_checkpoint.py tells of a file."""

import shlex

import pytest
import timm
import torch
import torchvision
from checkpoint_layouts import content_of
from mmpretrain.models import ResNet

from mmsca.apis.inspect import inspect
from mmsca.utils.errors import InputError

KNN = 'mmsca knn classification'


@pytest.fixture
def told(tmp_path, capsys):
    """`told(content)` gives the lines printed of it, by their names."""

    def tell(content, *options):
        path = tmp_path / 'a.pth'
        torch.save(content, path)
        inspect([str(path), *options])
        lines = capsys.readouterr().out.splitlines()
        rows = [line.partition(':') for line in lines]
        rows = {name: text.strip() for name, _, text in rows}
        assert rows.pop('file') == str(path)
        return {k: v.replace(str(path), 'FILE') for k, v in rows.items()}

    return tell


def weights_of(build, *args, **kwargs):
    """Small files: all elements are the same byte."""
    with torch.device('meta'):
        shapes = build(*args, **kwargs).state_dict()
    zero = torch.zeros((), dtype=torch.int8)
    return {
        k: zero.expand(v.shape)
        for k, v in shapes.items()
        if not k.startswith('fc.')
    }


def vit(name, **kwargs):
    return weights_of(timm.create_model, name, num_classes=0, **kwargs)


def test_resnet50_of_moco(told):
    weights = weights_of(torchvision.models.resnet50)
    content = content_of('moco_v2', weights)
    rows = told(content)
    assert rows == {
        'layout': "under 'state_dict.module.encoder_q', with the same names",
        'network': 'resnet50, stem of 64 channels and 7x7, base width 64, '
        '2048 features',
        'loaded': '265 of 265 keys',
        'left': '2: module.encoder_q.fc.0.weight, module.encoder_q.fc.0.bias',
        'not taken': 'state_dict.module.encoder_k (see --prefix)',
        'scored by': f'{KNN}/r50_linear_in1k FILE',
    }
    rows = told(content, '--prefix', 'encoder_k')
    assert 'encoder_k' in rows['layout'] and 'not taken' not in rows
    option = '--cfg-options model.backbone.init_cfg.prefix=encoder_k'
    assert rows['scored by'].endswith(option)


@pytest.mark.parametrize('depth', [18, 34, 50, 101, 152])
def test_depth_and_width(depth, told):
    model = ResNet(depth, stem_channels=4, base_channels=8)
    rows = told(content_of('lightly_simclr', model.state_dict()))
    features = 64 if depth < 50 else 256
    assert rows['network'] == (
        f'resnet{depth}, stem of 4 channels and 7x7, base width 8, '
        f'{features} features'
    )
    options = shlex.split(rows['scored by'])[5:]
    expected = {f'depth={depth}', 'stem_channels=4', 'base_channels=8'}
    assert {x.removeprefix('model.backbone.') for x in options} == expected - {
        'depth=50'
    }


def test_a_width_that_no_config_builds(told):
    wide = weights_of(torchvision.models.wide_resnet50_2)
    assert told(wide)['scored by'].startswith('no config')


@pytest.mark.parametrize(
    'name, layout, network, model_name',
    [
        (
            'vit_small_patch8_224',
            'dino',
            'depth 12, width 384, patches of 8 px, positions of 224 px',
            'vit_small_patch8_224.dino',
        ),
        (
            'vit_small_patch14_dinov2',
            'transformers_dinov2',
            'depth 12, width 384, patches of 14 px, positions of 518 px and '
            'layer scale',
            'vit_small_patch14_dinov2',
        ),
        (
            'vit_large_patch16_224',
            'backbone_alone',
            'depth 24, width 1024, patches of 16 px, positions of 224 px',
            'vit_large_patch16_224',
        ),
    ],
)
def test_transformers(name, layout, network, model_name, told):
    rows = told(content_of(layout, vit(name)))
    assert rows['network'] == f'vision transformer, {network}'
    assert rows['scored by'] == (
        f'{KNN}/timm_linear_in1k FILE --cfg-options '
        f'model.backbone.model_name={model_name}'
    )


def test_a_transformer_of_no_name(told):
    content = vit('vit_tiny_patch16_224', depth=3, embed_dim=24, num_heads=2)
    rows = told(content)
    assert 'depth 3, width 24' in rows['network']
    assert rows['scored by'].startswith('no config')


@pytest.mark.parametrize(
    'content, message',
    [
        ({}, 'holds no tensors'),
        ({'encoder.conv1': torch.ones(3)}, 'no backbone that is known'),
        (weights_of(torchvision.models.vgg11), 'no backbone that is known'),
    ],
)
def test_refuses(content, message, told):
    with pytest.raises(InputError, match=message):
        told(content)

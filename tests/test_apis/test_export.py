"""Backbones in the libraries that they are exported to."""

import pickle
from functools import cache
from math import nan

import mmdet.models
import mmpretrain.models
import numpy as np
import pytest
import timm
import torch
import torchvision
from checkpoint_layouts import content_of, under
from safetensors.torch import save_file
from torch import nn

from mmsca.apis.export import export
from mmsca.utils.checkpoint_reader import read_checkpoint
from mmsca.utils.errors import InputError

BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}
CONVS = {18: 2, 50: 3}
LIBRARIES = ('mmpretrain', 'torchvision', 'timm', 'detectron2')
THIN = dict(stem_channels=8, base_channels=8)


@cache
def build(depth, **width):
    """A backbone whose weights and statistics are random."""
    torch.manual_seed(0)
    model = mmpretrain.models.ResNet(depth, **width)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            # Images would fade on their way through the default weights.
            nn.init.kaiming_normal_(layer.weight)
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1)
            nn.init.normal_(layer.bias, std=0.3)
            nn.init.normal_(layer.running_mean, std=0.3)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
            layer.num_batches_tracked.fill_(7)
    model.eval()
    return model


def pretrained(model):
    """The weights of a pretraining with this backbone, and with a queue."""
    rest = {'neck.fc.weight': torch.ones(3), 'head.queue.rows': torch.ones(3)}
    return under('backbone.', model.state_dict()) | rest


@pytest.fixture(scope='module', params=[18, 50])
def pretraining(request, tmp_path_factory):
    """Depth, backbone, and the file that holds it."""
    model = build(request.param)
    path = tmp_path_factory.mktemp('export') / 'epoch_1.pth'
    content = dict(state_dict=pretrained(model), meta=dict(epoch=1))
    torch.save(content, path)
    return request.param, model, path


@pytest.fixture
def saved(tmp_path):
    """`saved(content)` gives the path of a file that holds it."""

    def save(content):
        torch.save(content, tmp_path / 'a.pth')
        return tmp_path / 'a.pth'

    return save


def random_images():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, 3, 64, 96, generator=generator)


def exported(source, library, suffix='.pth', *options):
    target = source.with_name(f'{library}{suffix}')
    export([str(source), str(target), '--to', library, *options])
    return target


def from_torchvision(depth, source):
    weights = torch.load(exported(source, 'torchvision'), weights_only=True)
    model = getattr(torchvision.models, f'resnet{depth}')()
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert missing == ['fc.weight', 'fc.bias'] and not unexpected
    model.fc = nn.Identity()
    return model


def from_timm(depth, source):
    weights = torch.load(exported(source, 'timm'), weights_only=True)
    model = timm.create_model(f'resnet{depth}', num_classes=0)
    model.load_state_dict(weights, strict=True)
    return model


@pytest.mark.parametrize('load', [from_torchvision, from_timm])
def test_pooled_features(load, pretraining):
    depth, backbone, source = pretraining
    model = load(depth, source).eval()
    images = random_images()
    with torch.no_grad():
        expected = backbone(images)[-1].mean((2, 3))
        torch.testing.assert_close(model(images), expected)
    # The features are those of the images, not of the biases.
    assert (expected[0] - expected[1]).std() > 0.05 * expected.std()
    counts = [v for k, v in model.state_dict().items() if 'tracked' in k]
    assert counts and all(count == 7 for count in counts)


def test_openmmlab_gives_the_same_maps(pretraining):
    depth, backbone, source = pretraining
    path = str(exported(source, 'mmpretrain'))
    init_cfg = dict(type='Pretrained', checkpoint=path)
    images = random_images()
    with torch.no_grad():
        expected = backbone(images)[-1]
        for models in (mmpretrain.models, mmdet.models):
            model = models.ResNet(depth, init_cfg=init_cfg)
            model.init_weights()
            model.eval()
            assert torch.equal(model(images)[-1], expected)


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_a_thin_backbone_goes_to_openmmlab(suffix, saved):
    model = build(18, **THIN)
    source = saved(pretrained(model))
    content = read_checkpoint(exported(source, 'mmpretrain', suffix))
    weights = content.get('state_dict', content)
    torch.testing.assert_close(
        weights, under('backbone.', model.state_dict()), rtol=0, atol=0
    )


def names_of_detectron2(depth):
    """Every convolution and what follows it: our names, and theirs."""
    layers = {('conv1', 'bn1'): 'stem.conv1'}
    for stage, blocks in enumerate(BLOCKS[depth], 1):
        for block in range(blocks):
            ours, theirs = f'layer{stage}.{block}', f'res{stage + 1}.{block}'
            for i in range(1, CONVS[depth] + 1):
                pair = (f'{ours}.conv{i}', f'{ours}.bn{i}')
                layers[pair] = f'{theirs}.conv{i}'
            # The first stage of ResNet-18 keeps its 64 channels.
            if block == 0 and (depth, stage) != (18, 1):
                pair = (f'{ours}.downsample.0', f'{ours}.downsample.1')
                layers[pair] = f'{theirs}.shortcut'
    names = {}
    for (conv, norm), theirs in layers.items():
        names[f'{conv}.weight'] = f'{theirs}.weight'
        for x in ('weight', 'bias', 'running_mean', 'running_var'):
            names[f'{norm}.{x}'] = f'{theirs}.norm.{x}'
    return names


def test_detectron2_file(pretraining):
    depth, backbone, source = pretraining
    path = exported(source, 'detectron2', '.pkl')
    content = pickle.loads(path.read_bytes())
    arrays = content.pop('model')
    assert content == dict(__author__='mmsca', matching_heuristics=True)
    names = names_of_detectron2(depth)
    assert set(arrays) == set(names.values())
    weights = backbone.state_dict()
    for ours, theirs in names.items():
        array = arrays[theirs]
        assert type(array) is np.ndarray and array.dtype == np.float32
        np.testing.assert_array_equal(array, weights[ours].numpy(), ours)


@pytest.mark.parametrize(
    'layout, suffix, prefix',
    [
        ('moco_v2', '.pth', None),
        ('moco_v2', '.pth', 'encoder_k'),
        ('lightly_dino', '.safetensors', None),
        ('vissl', '.pth', None),
    ],
)
def test_other_layouts(layout, suffix, prefix, saved):
    weights = build(18).state_dict()
    source = saved(content_of(layout, weights))
    options = ['--prefix', prefix] if prefix else []
    result = read_checkpoint(exported(source, 'timm', suffix, *options))
    expected = {k: v + 1 if prefix else v for k, v in weights.items()}
    torch.testing.assert_close(result, expected, rtol=0, atol=0)


def test_a_transformer_goes_to_timm(tmp_path):
    options = dict(embed_dim=24, depth=2, num_heads=2, num_classes=0)
    model = timm.create_model('vit_tiny_patch16_224', **options)
    source = tmp_path / 'a.safetensors'
    content = content_of('transformers_vit', model.state_dict())
    save_file({k: v.clone() for k, v in content.items()}, source)
    weights = torch.load(exported(source, 'timm'), weights_only=True)
    torch.testing.assert_close(weights, dict(model.state_dict()))
    with pytest.raises(InputError, match='only be exported --to timm'):
        exported(source, 'torchvision')


def test_a_classifier_is_left_out(saved, capsys):
    source = saved(torchvision.models.resnet18().state_dict())
    path = exported(source, 'timm')
    printed = capsys.readouterr().out
    assert 'left: 2 (fc.weight, fc.bias)' in printed
    assert '(resnet18)' in printed
    weights = torch.load(path, weights_only=True)
    assert len(weights) == 120 and 'fc.weight' not in weights


def resnet18(*without, **surplus):
    weights = pretrained(build(18))
    kept = {k: v for k, v in weights.items() if not k.startswith(without)}
    return kept | surplus


@pytest.mark.parametrize(
    'weights, message',
    [
        (lambda: {'conv1': torch.ones(3)}, 'holds no backbone that is known'),
        (
            lambda: resnet18(**{'backbone.bn1.bias': torch.full((64,), nan)}),
            r'NaN or infinity in 1 of 120 tensors: bn1\.bias\.',
        ),
        (
            lambda: resnet18('backbone.layer3.1.bn1.bias'),
            r'lacks layer3\.1\.bn1\.bias of resnet18',
        ),
        (
            lambda: resnet18('backbone.layer3.1'),
            "no backbone that is known.*closest: 90 of 100 keys under 'backb",
        ),
        (
            lambda: pretrained(build(18, **THIN)),
            r"'conv1\.weight' .* \(8, 3, 7, 7\).* \(64, 3, 7, 7\)",
        ),
    ],
    ids=['none', 'nan', 'missing', 'block', 'thin'],
)
def test_refuses_what_is_no_such_backbone(weights, message, saved):
    source = saved(weights())
    with pytest.raises(InputError, match=message) as error:
        exported(source, 'timm')
    assert 'a.pth' in str(error.value)
    assert [p.name for p in source.parent.iterdir()] == ['a.pth']


@pytest.mark.parametrize('library', LIBRARIES)
def test_existing_target_stays(library, saved, tmp_path):
    (tmp_path / f'{library}.pkl').write_text('precious')
    with pytest.raises(InputError, match='exists and is not overwritten'):
        exported(saved(resnet18()), library, '.pkl')
    assert (tmp_path / f'{library}.pkl').read_text() == 'precious'


def test_detectron2_needs_its_suffix(saved):
    with pytest.raises(InputError, match=r"Name it '.*/detectron2\.pkl'"):
        exported(saved(resnet18()), 'detectron2', '.pth')

"""Backbones in the libraries that they are exported to."""

import pickle
from functools import cache
from math import nan

import checkpoint_layouts as layouts
import mmdet.models
import mmpretrain.models
import numpy as np
import pytest
import timm
import torch
import torchvision
from mmengine.registry import MODELS, init_default_scope
from safetensors.torch import save_file
from torch import nn

from mmsca.apis.export import export
from mmsca.utils.checkpoint import load_backbone
from mmsca.utils.checkpoint_reader import read_checkpoint
from mmsca.utils.errors import InputError

BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}
CONVS = {18: 2, 50: 3}
LIBRARIES = ('mmpretrain', 'torchvision', 'timm', 'detectron2')


@cache
def build(depth, **backbone):
    """A pretraining with a queue, its weights and statistics random."""
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    channels = {18: 512, 50: 2048}[depth]
    model = MODELS.build(
        dict(
            type='mmsca.SwAVSCA',
            backbone=dict(type='mmpretrain.ResNet', depth=depth, **backbone),
            neck=dict(
                type='mmpretrain.SwAVNeck',
                in_channels=channels,
                hid_channels=16,
                out_channels=12,
                norm_cfg=dict(type='BN1d'),
            ),
            head=dict(
                type='mmsca.SwAVHead', num_prototypes=10, queue_length=12
            ),
            sca=dict(type='mmsca.SpatialCrossAttention'),
        )
    )
    for layer in model.backbone.modules():
        if isinstance(layer, nn.Conv2d):
            # Images would fade on their way through the default weights.
            nn.init.kaiming_normal_(layer.weight)
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1)
            nn.init.normal_(layer.bias, std=0.3)
            nn.init.normal_(layer.running_mean, std=0.3)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
            layer.num_batches_tracked.fill_(7)
    return model.eval()


@pytest.fixture(scope='module', params=[18, 50])
def pretraining(request, tmp_path_factory):
    """Depth, backbone, and the file that holds it."""
    model = build(request.param)
    path = tmp_path_factory.mktemp('export') / 'epoch_1.pth'
    weights = model.state_dict()
    assert any(k.startswith('head.queue.') for k in weights)
    torch.save(dict(state_dict=weights, meta=dict(epoch=1)), path)
    return request.param, model.backbone, path


def random_images():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, 3, 64, 96, generator=generator)


def exported(source, library, suffix='.pth'):
    target = source.with_name(f'{library}{suffix}')
    export([str(source), str(target), '--to', library])
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
    weights = torch.load(path, weights_only=True)['state_dict']
    init_cfg = dict(type='Pretrained', checkpoint=path)
    images = random_images()
    for models in (mmpretrain.models, mmdet.models):
        strict = models.ResNet(depth)
        strict.load_state_dict(
            {k.removeprefix('backbone.'): v for k, v in weights.items()},
            strict=True,
        )
        by_config = models.ResNet(depth, init_cfg=init_cfg)
        by_config.init_weights()
        with torch.no_grad():
            expected = backbone(images)[-1]
            for model in (strict, by_config):
                model.eval()
                assert torch.equal(model(images)[-1], expected)


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
    'layout, suffix',
    [
        (layouts.moco_v2, '.pth'),
        (layouts.lightly_dino, '.safetensors'),
        (layouts.vissl, '.pth'),
    ],
)
def test_other_layouts(layout, suffix, tmp_path):
    weights = build(18).backbone.state_dict()
    source = tmp_path / 'a.pth'
    torch.save(layout(weights), source)
    target = source.with_suffix(f'.new{suffix}')
    export([str(source), str(target), '--to', 'timm'])
    result = read_checkpoint(target)
    torch.testing.assert_close(result, dict(weights), rtol=0, atol=0)


def test_safetensors_of_openmmlab(tmp_path):
    model = build(18)
    torch.save(model.state_dict(), tmp_path / 'a.pth')
    path = exported(tmp_path / 'a.pth', 'mmpretrain', '.safetensors')
    backbone = mmpretrain.models.ResNet(18)
    load_backbone(backbone, path, 'backbone')
    for name, tensor in backbone.state_dict().items():
        assert torch.equal(tensor, model.backbone.state_dict()[name]), name


def test_the_other_network_by_prefix(tmp_path):
    weights = build(18).backbone.state_dict()
    torch.save(layouts.moco_v2(weights), tmp_path / 'a.pth')
    options = ['--to', 'timm', '--prefix', 'encoder_k']
    export([f'{tmp_path}/a.pth', f'{tmp_path}/b.pth', *options])
    result = torch.load(tmp_path / 'b.pth', weights_only=True)
    assert torch.equal(result['bn1.bias'], weights['bn1.bias'] + 1)


def test_a_transformer_goes_to_timm(tmp_path):
    options = dict(embed_dim=24, depth=2, num_heads=2, num_classes=0)
    model = timm.create_model('vit_tiny_patch16_224', **options)
    source = tmp_path / 'a.safetensors'
    content = layouts.transformers_vit(model.state_dict())
    save_file({k: v.clone() for k, v in content.items()}, source)
    weights = torch.load(exported(source, 'timm'), weights_only=True)
    torch.testing.assert_close(weights, dict(model.state_dict()))
    with pytest.raises(InputError, match='only be exported --to timm'):
        exported(source, 'torchvision')


def resnet18(*without, **surplus):
    weights = build(18).state_dict()
    kept = {k: v for k, v in weights.items() if not k.startswith(without)}
    return kept | surplus


def classifier():
    return torchvision.models.resnet18().state_dict()


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
            lambda: build(18, stem_channels=8, base_channels=8).state_dict(),
            r"'conv1\.weight' .* \(8, 3, 7, 7\).* \(64, 3, 7, 7\)",
        ),
    ],
    ids=['none', 'nan', 'missing', 'block', 'thin'],
)
def test_refuses_what_is_no_such_backbone(weights, message, tmp_path):
    torch.save(weights(), tmp_path / 'a.pth')
    arguments = [f'{tmp_path}/a.pth', f'{tmp_path}/b.pth', '--to', 'timm']
    with pytest.raises(InputError, match=message) as error:
        export(arguments)
    assert 'a.pth' in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ['a.pth']


def test_a_classifier_is_left_out(tmp_path, capsys):
    torch.save(classifier(), tmp_path / 'a.pth')
    export([f'{tmp_path}/a.pth', f'{tmp_path}/b.pth', '--to', 'timm'])
    assert 'left: 2 (fc.weight, fc.bias)' in capsys.readouterr().out
    weights = torch.load(tmp_path / 'b.pth', weights_only=True)
    assert len(weights) == 120 and 'fc.weight' not in weights


def test_thin_backbone_goes_to_openmmlab(tmp_path):
    thin = dict(stem_channels=8, base_channels=8)
    model = build(18, **thin)
    torch.save(model.state_dict(), tmp_path / 'a.pth')
    path = exported(tmp_path / 'a.pth', 'mmpretrain')
    weights = torch.load(path, weights_only=True)['state_dict']
    weights = {k.removeprefix('backbone.'): v for k, v in weights.items()}
    mmpretrain.models.ResNet(18, **thin).load_state_dict(weights, strict=True)


@pytest.mark.parametrize('library', LIBRARIES)
def test_existing_target_stays(library, tmp_path):
    torch.save(resnet18(), tmp_path / 'a.pth')
    (tmp_path / f'{library}.pkl').write_text('precious')
    with pytest.raises(InputError, match='exists and is not overwritten'):
        exported(tmp_path / 'a.pth', library, '.pkl')
    assert (tmp_path / f'{library}.pkl').read_text() == 'precious'


def test_detectron2_needs_its_suffix(tmp_path):
    torch.save(resnet18(), tmp_path / 'a.pth')
    with pytest.raises(InputError, match=r"Name it '.*/detectron2\.pkl'"):
        exported(tmp_path / 'a.pth', 'detectron2', '.pth')
    assert [p.name for p in tmp_path.iterdir()] == ['a.pth']


def test_tool(call_tool, tmp_path):
    torch.save(dict(state_dict=resnet18()), tmp_path / 'a.pth')
    files = (tmp_path / 'a.pth', tmp_path / 'b.pkl')
    arguments = ('export_backbone.py', *files, '--to', 'detectron2')
    assert '(resnet18)' in call_tool(*arguments).stdout
    assert len(pickle.loads(files[1].read_bytes())['model']) == 100
    # A second time the file is there.
    process = call_tool(*arguments, check=False)
    assert process.returncode == 1
    assert process.stderr.startswith(f"error: '{files[1]}' exists")

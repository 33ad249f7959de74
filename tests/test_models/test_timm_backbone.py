"""Backbones of timm give what timm gives, under its names."""

import copy
import sys

import pytest
import timm
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from tiny_cam import build_eval, maps, samples
from torch import nn

from mmsca.models import TIMMBackbone
from mmsca.models.cam.backend import grad_cam_methods
from mmsca.utils.checkpoint import load_backbone
from mmsca.utils.errors import InputError

SIZE = 64
VIT = dict(model_name='vit_tiny_patch16_224.augreg_in21k', depth=2)
MEAN = dict(VIT, global_pool='avg')
REGISTERS = dict(model_name='vit_tiny_patch16_224', depth=2, reg_tokens=4)
EVA = dict(model_name='eva02_tiny_patch14_224', depth=2)
RESNET = dict(model_name='resnet10t')
CONVNEXT = dict(
    model_name='convnext_tiny', depths=(1, 1, 1, 1), dims=(8, 16, 24, 32)
)
SWIN = dict(
    model_name='swin_tiny_patch4_window7_224',
    img_size=SIZE,
    window_size=2,
    embed_dim=24,
    depths=(1, 1, 1, 1),
)
TRANSFORMERS = [VIT, MEAN, REGISTERS, EVA]
ALL = [*TRANSFORMERS, RESNET, CONVNEXT, SWIN]


def name(network):
    return network['model_name'] + ''.join(map(str, list(network)[1:]))


def images(network, count=2):
    torch.manual_seed(1)
    size = 56 if network is EVA else SIZE
    return torch.randn(count, 3, size, size)


def build(network, **kwargs):
    torch.manual_seed(0)
    backbone = TIMMBackbone(**network, **kwargs).eval()
    for parameter in backbone.parameters():
        # Zeros would hide a layer that is left out.
        nn.init.normal_(parameter, std=0.1)
    return backbone


def of_timm(network, **kwargs):
    kwargs = {'num_classes': 5, **network, **kwargs}
    if network in TRANSFORMERS:
        kwargs['dynamic_img_size'] = True
    return timm.create_model(**kwargs).eval()


@pytest.mark.parametrize('network', ALL, ids=name)
def test_pooled_features_are_those_of_timm(network, tmp_path):
    reference = of_timm(network)
    torch.save(reference.state_dict(), tmp_path / 'timm.pth')
    backbone = build(network)
    load_backbone(backbone, tmp_path / 'timm.pth', prefix='')
    head = reference.get_classifier()
    names = set(of_timm(network, num_classes=0).state_dict())
    assert set(backbone.state_dict()) == names
    with torch.no_grad():
        (features,) = backbone(images(network))
        scores = reference(images(network))
    assert features.shape[1] == backbone.num_features == head.in_features
    torch.testing.assert_close(head(features), scores)


@pytest.mark.parametrize('network', TRANSFORMERS, ids=name)
def test_map_of_a_transformer_is_its_grid_of_patches(network):
    backbone = build(network, out_type='map')
    net = backbone.model
    x = torch.randn(2, 3, *((28, 56) if network is EVA else (32, 48)))
    with torch.no_grad():
        (grid,) = backbone(x)
        tokens = net.forward_features(x)
    (height, width), (patch, _) = grid.shape[2:], net.patch_embed.patch_size
    assert (height * patch, width * patch) == x.shape[2:]
    prefix = tokens.size(1) - height * width
    assert prefix == (5 if network is REGISTERS else 1)
    for i in range(height):
        for j in range(width):
            token = tokens[:, prefix + i * width + j]
            assert torch.equal(grid[:, :, i, j], token)


def reshape(network):
    size = images(network).size(2) // (14 if network is EVA else 16)
    count = 5 if network is REGISTERS else 1
    if network not in TRANSFORMERS:
        return None

    def transform(tokens):
        grid = tokens[:, count:].reshape(len(tokens), size, size, -1)
        return grid.permute(0, 3, 1, 2)

    return transform


def classifier(network, neck=None, **kwargs):
    model = build_eval(
        type='mmsca.CAMClassifier',
        backbone=dict(type='mmsca.TIMMBackbone', **network),
        neck=neck,
        head=dict(type='LinearClsHead', num_classes=6),
        **kwargs,
    )
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.1)
    return model


def predicted(model, x, labels):
    with torch.no_grad():
        return maps(model.predict(x, samples(*labels)))


@pytest.mark.parametrize('network', ALL[:-1], ids=name)
@pytest.mark.parametrize('method', ['gradcam', 'GradCAMPlusPlus'])
def test_grad_cam_is_that_of_the_package(network, method):
    neck = dict(type='ClsBatchNormNeck')
    frozen = classifier(dict(network, frozen=True), neck, cam_method=method)
    free = classifier(network, neck)
    x, labels = images(network, 3), [4, 0, 4]
    ours = predicted(frozen, x, labels)
    net = free.backbone.model
    if network in TRANSFORMERS:
        layer = net.blocks[-1].norm1
    else:
        layer = net.layer4 if network is RESNET else net.stages
    package = GradCAM if method == 'gradcam' else grad_cam_methods()[method]
    with package(free, [layer], reshape_transform=reshape(network)) as cam:
        theirs = cam(x, [ClassifierOutputTarget(label) for label in labels])
    # The map of a class that nothing speaks for is empty.
    assert ours.amax() == 1
    assert abs(ours.numpy() - theirs).max() < 1e-4


def test_bfloat16_autocast_does_not_reach_the_maps():
    model, x = classifier(VIT), images(VIT)
    expected = predicted(model, x, [1, 2])
    with torch.autocast('cpu', dtype=torch.bfloat16):
        got = predicted(model, x, [1, 2])
    # The map itself is computed in bfloat16, its weights are not.
    torch.testing.assert_close(got, expected, atol=0.1, rtol=0)


def test_mean_of_patches_by_pooling_the_map():
    pool = dict(type='GlobalAveragePooling')
    model = classifier(dict(VIT, out_type='map'), pool)
    assert model.closed_form
    x = images(VIT)
    with torch.no_grad():
        tokens = model.backbone.model.forward_features(x)
        (features,) = model.extract_feat(x)
    torch.testing.assert_close(features, tokens[:, 1:].mean(dim=1))
    # Weights that were trained on pixels in [-1, 1].
    assert model.data_preprocessor.mean.flatten().tolist() == [127.5] * 3
    # Or what the config says.
    model = classifier(VIT, data_preprocessor=dict(mean=[1, 2, 3]))
    assert model.data_preprocessor.mean.flatten().tolist() == [1, 2, 3]
    assert model.data_preprocessor.std.flatten().tolist() == [127.5] * 3


def test_a_copy_and_another_type_reach_every_tensor():
    backbone = build(VIT)
    twin = copy.deepcopy(backbone).double()
    x = images(VIT)
    with torch.no_grad():
        (expected,), (got,) = backbone(x), twin(x.double())
    assert got.dtype == torch.double and expected.dtype == torch.float
    torch.testing.assert_close(got.float(), expected)


def test_frozen_stays_in_eval_mode():
    backbone = TIMMBackbone(**RESNET, frozen=True).train()
    assert not any(m.training for m in backbone.modules())
    assert not any(p.requires_grad for p in backbone.parameters())
    free = TIMMBackbone(**RESNET).train()
    assert free.model.training and free.bn1.training


@pytest.mark.parametrize('network', [RESNET, CONVNEXT, SWIN], ids=name)
def test_pyramid(network):
    backbone = build(network, out_type='pyramid')
    x = images(network)
    levels = backbone(x)
    assert [x.size(2) // m.size(2) for m in levels] == [4, 8, 16, 32]
    assert [m.size(1) for m in levels] == backbone.channels
    # Each weight takes part, so that ranks need not look for those that do
    # not.
    sum(m.sum() for m in levels).backward()
    unused = [k for k, p in backbone.named_parameters() if p.grad is None]
    assert not unused


def wrong(match, network, size=SIZE):
    with pytest.raises(InputError, match=match):
        TIMMBackbone(**network)(torch.randn(1, 3, size, size))


XCIT = dict(model_name='xcit_nano_12_p16_224', depth=2, out_type='map')


@pytest.mark.parametrize(
    ('network', 'match'),
    [
        (dict(model_name='resnet5o'), 'Unknown model .*Did you mean resnet50'),
        (dict(model_name='resnet50.swav'), 'Invalid pretrained tag'),
        (dict(RESNET, out_type='maps'), "'pooled', 'map', 'pyramid'"),
        (dict(VIT, out_type='pyramid'), 'stride 16.*model_name=convnext_tiny'),
        (XCIT, 'no grid'),
    ],
)
def test_names_that_do_not_exist_or_fit(network, match):
    wrong(match, network)


def test_a_size_that_does_not_divide():
    match = r'60x60 pixels: .*divisible by patch size \(16\).*Resize'
    wrong(match, VIT, size=60)


def test_no_timm(monkeypatch):
    monkeypatch.setitem(sys.modules, 'timm', None)
    wrong(r'pip install mmsca\[timm\]', RESNET)


def test_class_maps_where_more_than_blocks_lies_behind_the_patches():
    network = dict(model_name='cait_xxs24_224', depth=2)
    with pytest.raises(InputError, match="not defined.*out_type='map'"):
        predicted(classifier(network), torch.randn(1, 3, 224, 224), [0])


def test_weights_of_timm_stay(monkeypatch):
    asked = []

    def serve(model, *args, **kwargs):
        asked.append(args)
        nn.init.constant_(model.conv1[0].weight, 3)

    monkeypatch.setattr('timm.models._builder.load_pretrained', serve)
    backbone = TIMMBackbone(
        **RESNET, pretrained=True, init_cfg=dict(type='Pretrained')
    )
    backbone.init_weights()
    assert len(asked) == 1
    assert (backbone.conv1[0].weight == 3).all()


def test_weights_that_can_not_be_downloaded(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError('no connection.')

    monkeypatch.setattr('timm.models._builder.load_pretrained', fail)
    network = dict(RESNET, pretrained=True)
    wrong('pretrained=True: no connection[.]$', network)

"""Files of other projects fill a backbone, whatever they are like."""

import pytest
import timm
import torch
import torchvision
from checkpoint_layouts import (
    RESNETS,
    SAFETENSORS,
    TRANSFORMERS,
    WITH_LAYER_SCALE,
    content_of,
    other,
    sequential,
    under,
)
from mmengine.logging import MMLogger
from mmpretrain.models import ResNet, VisionTransformer
from safetensors.torch import save_file
from torch import nn

from mmsca.utils.backbone_layouts import find_backbone
from mmsca.utils.checkpoint import load_backbone
from mmsca.utils.checkpoint_checks import CheckpointCoverageError
from mmsca.utils.errors import InputError

THIN = dict(stem_channels=4, base_channels=4)
VIT = dict(
    model_name='vit_tiny_patch16_224',
    num_classes=0,
    depth=2,
    embed_dim=24,
    num_heads=2,
    img_size=32,
)
DINOV2 = dict(VIT, init_values=1.0)


def resnet(depth=50):
    return ResNet(depth, **THIN)


def vit():
    return timm.create_model(**VIT)


def dinov2():
    return timm.create_model(**DINOV2)


def randomised(module):
    torch.manual_seed(0)
    for tensor in module.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
        else:
            tensor.fill_(7)
    return module


def same(module, other):
    expected = other.state_dict()
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, expected[name]), name


def resnet18():
    return resnet(18)


def cases():
    for build, layouts in [
        (resnet18, RESNETS),
        (vit, TRANSFORMERS),
        (dinov2, WITH_LAYER_SCALE),
    ]:
        for layout in layouts:
            yield build, layout, '.pth'
            if layout in SAFETENSORS:
                yield build, layout, '.safetensors'


@pytest.fixture
def saved(tmp_path):
    def save(content, suffix='.pth'):
        path = tmp_path / f'a{suffix}'
        if suffix == '.pth':
            torch.save(content, path)
        else:
            content = {k: v.clone() for k, v in content.items()}
            save_file(content, path, metadata=dict(format='pt'))
        return path

    return save


@pytest.mark.parametrize('build, layout, suffix', cases())
def test_every_tensor_of_a_layout(build, layout, suffix, saved):
    source, target = randomised(build()), build()
    content = content_of(layout, source.state_dict())
    load_backbone(target, saved(content, suffix))
    same(target, source)


def pooled(module, images):
    with torch.no_grad():
        return module(images)[-1].mean((2, 3))


@pytest.mark.parametrize(
    'library',
    [torchvision.models.resnet18, lambda: timm.create_model('resnet18')],
)
def test_features_are_those_of_the_library(library, saved):
    theirs = library().eval()
    ours = ResNet(18)
    ours.eval()
    load_backbone(ours, saved(theirs.state_dict()))
    theirs.fc = nn.Identity()
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(pooled(ours, images), theirs(images))


def torchvision_vit():
    model = torchvision.models.VisionTransformer(32, 16, 2, 2, 24, 96)
    nn.init.normal_(model.conv_proj.weight, std=0.1)
    return model


def mmpretrain_vit(layer_scale=0.0):
    arch = dict(
        embed_dims=24, num_layers=2, num_heads=2, feedforward_channels=96
    )
    return VisionTransformer(arch, 32, layer_scale_init_value=layer_scale)


@pytest.mark.parametrize(
    'build, library, prefix',
    [
        (vit, torchvision_vit, ''),
        (vit, mmpretrain_vit, 'backbone.'),
        (dinov2, lambda: mmpretrain_vit(0.5), 'backbone.'),
    ],
)
def test_features_of_a_transformer(build, library, prefix, saved):
    ours, theirs = build().eval(), library()
    theirs.eval()
    load_backbone(ours, saved(under(prefix, theirs.state_dict())))
    theirs.heads = nn.Identity()
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        found, expected = ours(images), theirs(images)
    expected = expected[-1] if isinstance(expected, tuple) else expected
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_sequential_has_the_names_of_torch():
    children = list(torchvision.models.resnet18().children())[:-1]
    names = sequential(resnet(18).state_dict()).keys()
    assert names == nn.Sequential(*children).state_dict().keys()


@pytest.mark.parametrize(
    'layout, prefix',
    [
        ('moco_v2', 'encoder_k'),
        ('moco_v2', 'module.encoder_k.'),
        ('dino', 'student'),
        ('mmselfsup_byol', 'target_net'),
        ('lightly_moco', 'backbone_momentum.'),
        ('vissl', 'loss'),
        ('timm_training', 'state_dict'),
    ],
)
def test_the_prefix_chooses_the_other_network(layout, prefix, saved):
    source = randomised(resnet())
    path = saved(content_of(layout, source.state_dict()))
    target = resnet()
    load_backbone(target, path, prefix)
    for tensor in source.state_dict().values():
        tensor += 1
    same(target, source)


def test_one_line_says_what_was_taken(saved, monkeypatch):
    messages = []
    logger = MMLogger.get_current_instance()
    monkeypatch.setattr(logger, 'callHandlers', messages.append)
    source = randomised(resnet())
    path = saved(content_of('dino', source.state_dict()))
    load_backbone(resnet(), path)
    lines = [m.getMessage() for m in messages]
    (line,) = [text for text in lines if ' -> ' in text]
    assert line == (
        f"'{path}' -> ResNet: 265 of 265 keys under "
        "'teacher.module.backbone', with the same names; left: 2 "
        '(module.backbone.fc.0.weight, module.backbone.fc.0.bias); not '
        "taken: 'student.module.backbone'."
    )


def two(weights):
    return dict(a=weights, b=other(weights))


def without(weights, count):
    """Without the counters and as many other tensors."""
    kept = [k for k in weights if not k.endswith('num_batches_tracked')]
    return {k: weights[k] for k in kept[count:]}


@pytest.mark.parametrize(
    'content, message',
    [
        (lambda w: {}, 'holds no tensors.* nothing'),
        (lambda w: dict(epoch=3), "no tensors.* the keys 'epoch'"),
        (two, r"2 networks that fit ResNet: 'a', 'b'.*init_cfg\.prefix=a"),
        (
            lambda w: resnet(101).state_dict(),
            r"265 of 265.*'layer3\.6\.conv1\.weight' is a layer that",
        ),
        (lambda w: resnet(34).state_dict(), r'of 265 keys.*closest'),
        (
            lambda w: ResNet(50, stem_channels=8).state_dict(),
            r"'conv1\.weight' has shape \(8, 3, 7, 7\), the model "
            r'needs \(4, 3, 7, 7\).*mmsca inspect',
        ),
        (lambda w: without(w, 14), 'covers 251 of 265.*top level'),
        (
            lambda w: content_of('moco_v2', without(w, 14)),
            r"closest: 251 of 265 keys under 'state_dict\.module\.encoder_q'",
        ),
        (lambda w: w | {'bn1.bias': torch.ones(4) / 0}, 'NaN or infinity'),
    ],
)
def test_refuses(content, message, saved):
    path = saved(content(resnet().state_dict()))
    target = randomised(resnet())
    with pytest.raises(InputError, match=f'(?s){message}') as error:
        load_backbone(target, path)
    assert str(path) in str(error.value)
    # Nothing of it was loaded.
    same(target, randomised(resnet()))


def test_a_file_cut_off(saved):
    for suffix in ('.pth', '.safetensors'):
        path = saved(resnet(18).state_dict(), suffix)
        path.write_bytes(path.read_bytes()[:3000])
        with pytest.raises(InputError, match='cut off'):
            load_backbone(resnet(18), path)


def test_five_percent_may_be_missing(saved):
    target = resnet()
    load_backbone(target, saved(without(resnet().state_dict(), 13)))


def test_a_prefix_that_is_not_there(saved):
    path = saved(content_of('moco_v2', resnet().state_dict()))
    message = r"0 of 265 keys of ResNet under 'teacher'.*closest.*encoder_q"
    with pytest.raises(CheckpointCoverageError, match=f'(?s){message}'):
        load_backbone(resnet(), path, 'teacher')


def test_two_names_of_one_network_are_no_choice():
    weights = randomised(resnet(18)).state_dict()
    content = dict(a=weights, b={k: v.clone() for k, v in weights.items()})
    wanted = {k: v.shape for k, v in weights.items()}
    assert find_backbone(content, wanted, 'a.pth').path == 'a'


@pytest.mark.parametrize('depth, other', [(12, 11), (11, 12)])
def test_depth_of_a_transformer(depth, other, saved):
    options = VIT | dict(embed_dim=8)
    path = saved(timm.create_model(**options | dict(depth=depth)).state_dict())
    with pytest.raises(CheckpointCoverageError, match='fits|covers'):
        load_backbone(timm.create_model(**options | dict(depth=other)), path)


def test_registers_are_not_left_out_in_silence(saved):
    """DINOv2's own file has them under other names and shapes."""
    content = dinov2().state_dict()
    content['register_tokens'] = torch.ones(1, 4, 24)
    target = timm.create_model(**DINOV2, reg_tokens=4, no_embed_class=True)
    with pytest.raises(CheckpointCoverageError, match="'pos_embed' has shape"):
        load_backbone(target, saved(content))

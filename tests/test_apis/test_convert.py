"""SwAV weights under the names of three code bases."""

from itertools import combinations

import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS, init_default_scope
from torch import nn
from torchvision.models import resnet18
from torchvision.models.resnet import BasicBlock, ResNet

from mmsca.apis.convert import convert
from mmsca.utils.checkpoint import read_state_dict
from mmsca.utils.errors import InputError

LAYOUTS = ('official', 'mmpretrain', 'mmsca')
HIDDEN, DIMENSION, PROTOTYPES = 16, 12, 10


class OfficialSwAV(ResNet):
    """As src/resnet50.py of the authors names and runs it."""

    def __init__(self, num_prototypes=(PROTOTYPES,)):
        super().__init__(BasicBlock, [2, 2, 2, 2])
        del self.fc
        self.projection_head = nn.Sequential(
            nn.Linear(512, HIDDEN),
            nn.BatchNorm1d(HIDDEN),
            nn.ReLU(inplace=True),
            nn.Linear(HIDDEN, DIMENSION),
        )
        layers = [nn.Linear(DIMENSION, k, bias=False) for k in num_prototypes]
        if len(layers) == 1:
            self.prototypes = layers[0]
        else:
            self.prototypes = nn.ModuleDict(
                {f'prototypes{i}': layer for i, layer in enumerate(layers)}
            )

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        z = F.normalize(self.projection_head(x.mean((2, 3))), dim=1)
        return self.prototypes(z)


def build(layout, num_prototypes=PROTOTYPES):
    """The model of a code base whose names are in `layout`."""
    torch.manual_seed(1)
    if layout == 'official':
        if isinstance(num_prototypes, int):
            num_prototypes = (num_prototypes,)
        return OfficialSwAV(num_prototypes).eval()
    head = dict(type='mmsca.SwAVHead', num_prototypes=num_prototypes)
    if layout == 'mmpretrain':
        loss = dict(
            type='SwAVLoss', feat_dim=DIMENSION, num_prototypes=num_prototypes
        )
        head = dict(type='SwAVHead', loss=loss)
    init_default_scope('mmpretrain')
    model = MODELS.build(
        dict(
            type='mmsca.SwAV' if layout == 'mmsca' else 'SwAV',
            backbone=dict(type='ResNet', depth=18),
            neck=dict(
                type='SwAVNeck',
                in_channels=512,
                hid_channels=HIDDEN,
                out_channels=DIMENSION,
                norm_cfg=dict(type='BN1d'),
            ),
            head=head,
        )
    )
    return model.eval()


def scores(model, images):
    """Similarity of the images to the prototypes."""
    if isinstance(model, OfficialSwAV):
        return model(images)
    features = model.backbone(images)[-1].mean((2, 3))
    z = F.normalize(model.neck.forward_projection(features), dim=1)
    if hasattr(model.head, 'prototypes'):
        return model.head.prototypes[0](z)
    return model.head.loss_module.prototypes(z)


def with_moved_statistics(model):
    """New values everywhere, as after a training."""
    torch.manual_seed(2)
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.mul_(1 + 0.1 * torch.rand_like(tensor))
        else:
            tensor.fill_(7)
    return model


def save(model, path):
    weights = {f'module.{k}': v for k, v in model.state_dict().items()}
    if not isinstance(model, OfficialSwAV):
        weights = dict(state_dict=model.state_dict(), meta=dict(epoch=1))
    torch.save(weights, path)


# There and back again is both directions.
@pytest.mark.parametrize(
    'source, target', [*combinations(LAYOUTS, 2), ('official', 'official')]
)
def test_converted_model_gives_the_same_scores(source, target, tmp_path):
    model = with_moved_statistics(build(source))
    save(model, tmp_path / 'a.pth')
    convert([f'{tmp_path}/a.pth', f'{tmp_path}/b.pth', '--to', target])
    converted = build(target)
    weights = read_state_dict(tmp_path / 'b.pth')
    converted.load_state_dict(weights, strict=True)
    images = torch.rand(3, 3, 64, 64)
    with torch.no_grad():
        expected, result = scores(model, images), scores(converted, images)
    torch.testing.assert_close(result, expected)

    # And back, key for key.
    convert([f'{tmp_path}/b.pth', f'{tmp_path}/c.pth', '--to', source])
    back = read_state_dict(tmp_path / 'c.pth')
    assert set(back) == set(model.state_dict())
    torch.testing.assert_close(back, dict(model.state_dict()), rtol=0, atol=0)


def test_official_file_is_as_their_loaders_expect(tmp_path):
    model = build('mmsca')
    save(model, tmp_path / 'a.pth')
    convert([f'{tmp_path}/a.pth', f'{tmp_path}/b.pth', '--to', 'official'])
    weights = torch.load(tmp_path / 'b.pth', weights_only=True)
    assert all(k.startswith('module.') for k in weights)
    # hubconf.py of the authors.
    resnet = resnet18()
    weights = {k.replace('module.', ''): v for k, v in weights.items()}
    missing, unexpected = resnet.load_state_dict(weights, strict=False)
    assert missing == ['fc.weight', 'fc.bias']
    assert all(k.startswith(('projection_head.', 'proto')) for k in unexpected)


@pytest.mark.parametrize('source, target', [LAYOUTS[::2], LAYOUTS[::-2]])
def test_several_sets_of_prototypes(source, target, tmp_path):
    model = with_moved_statistics(build(source, (5, 7)))
    save(model, tmp_path / 'a.pth')
    convert([f'{tmp_path}/a.pth', f'{tmp_path}/b.pth', '--to', target])
    converted = build(target, (5, 7))
    weights = read_state_dict(tmp_path / 'b.pth')
    converted.load_state_dict(weights, strict=True)
    for model_keys in (model.state_dict(), weights):
        sets = [v for k, v in model_keys.items() if 'prototypes' in k]
        assert [len(v) for v in sets] == [5, 7]


def test_queues_stay_behind(tmp_path):
    weights = build('mmsca').state_dict()
    weights['head.queue.rows'] = torch.ones(2, 4, DIMENSION)
    weights['guided_queue.rows'] = torch.ones(2, 4, DIMENSION)
    torch.save(dict(state_dict=weights), tmp_path / 'a.pth')
    convert([f'{tmp_path}/a.pth', f'{tmp_path}/b.pth', '--to', 'mmpretrain'])
    build('mmpretrain').load_state_dict(
        read_state_dict(tmp_path / 'b.pth'), strict=True
    )


def without(*names):
    weights = build('official').state_dict()
    return {k: v for k, v in weights.items() if not k.startswith(names)}


@pytest.mark.parametrize(
    'weights, message',
    [
        (lambda: resnet18().state_dict(), 'it has no prototypes'),
        (lambda: without('layer3.1.'), r'lacks layer3\.1\.bn1'),
        (lambda: without('projection_head.1'), r'lacks projection_head\.1'),
        (
            lambda: dict(without(), surplus=torch.ones(1)),
            'has surplus, unlike a SwAV',
        ),
        (
            lambda: without() | {'bn1.bias': torch.full((64,), torch.inf)},
            'infinity in 1 of .* tensors: bn1.bias',
        ),
    ],
)
def test_refuses_what_is_no_whole_pretraining(weights, message, tmp_path):
    torch.save(weights(), tmp_path / 'a.pth')
    with pytest.raises(InputError, match=message):
        convert([f'{tmp_path}/a.pth', f'{tmp_path}/b.pth'])
    assert not (tmp_path / 'b.pth').exists()


def test_says_what_it_did_and_replaces_nothing(tmp_path, capsys):
    save(build('official'), tmp_path / 'a.pth')
    arguments = [f'{tmp_path}/a.pth', f'{tmp_path}/b.pth']
    convert(arguments)
    printed = capsys.readouterr().out
    assert '(official)' in printed and '(mmsca)' in printed
    with pytest.raises(InputError, match='exists and is not overwritten'):
        convert(arguments)

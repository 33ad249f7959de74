"""SCA on the methods of mmpretrain, by config."""

import copy
from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope

from mmsca.models.sca.swav_sca import guided_pooling
from mmsca.utils.errors import InputError

ROOT = Path(__file__).parents[3]
CONFIGS = sorted((ROOT / 'configs/sca/methods').glob('*.py'))
BATCH_SIZE = 8


def model_config(path):
    model = Config.fromfile(path).model.to_dict()
    model['backbone'].update(base_channels=4, stem_channels=4)
    model['neck']['in_channels'] = 32
    if 'queue_len' in model:
        model['queue_len'] = 4 * BATCH_SIZE
    return model


def plain_config(path):
    model = model_config(path)
    for key in ('sca', 'weight', 'warmup'):
        del model[key]
    model['type'] = model['type'].removeprefix('mmsca.').removesuffix('SCA')
    return model


def build(cfg):
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    model = MODELS.build(copy.deepcopy(cfg))
    model.init_weights()
    return model.train()


def go_half_way():
    """Into 100 iterations."""
    hub = MessageHub.get_instance('methods')
    hub.update_info_dict(dict(epoch=0, iter=50, max_iters=100))


def train(model):
    """Losses of two steps on random views, half-way through a training."""
    go_half_way()
    optimizer = torch.optim.SGD(model.parameters(), 1e-3, momentum=0.9)
    torch.manual_seed(1)
    losses = []
    for _ in range(2):
        views = [torch.randn(BATCH_SIZE, 3, 32, 32) for _ in range(2)]
        loss, _ = model.parse_losses(model.loss(views, data_samples=None))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@cache
def trained_plain(path):
    """The method without SCA after its steps, and their losses."""
    model = build(plain_config(path))
    return model, train(model)


@cache
def trained_guided(path):
    model = build(model_config(path))
    return model, train(model)


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_weight_zero_and_warm_up_are_the_method_to_the_bit(path):
    plain, expected = trained_plain(path)
    for settings in (dict(weight=0.0), dict(warmup=0.9)):
        model = build(dict(model_config(path), **settings))
        assert train(model) == expected
        state = model.state_dict()
        del state['sca.projection']
        torch.testing.assert_close(state, plain.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_trains_guided(path):
    _, losses = trained_guided(path)
    assert torch.tensor(losses).isfinite().all()
    assert losses != trained_plain(path)[1]


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_passes_beside_the_loss_are_plain(path):
    """Such as those of kNN and class maps, in training mode too."""
    plain, watched = build(plain_config(path)), build(model_config(path))
    images = torch.randn(3, 3, 32, 32)
    expected = plain.backbone(images)[-1]
    go_half_way()
    backbone = copy.deepcopy(watched.backbone)
    found = watched.backbone(images)[-1]
    assert torch.equal(found, expected)
    # And leave the training as it is, but for the statistics of BN.
    watched.backbone.load_state_dict(backbone.state_dict())
    assert train(watched) == trained_guided(path)[1]


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_backbone_comes_off_without_a_trace(path):
    model, _ = trained_guided(path)
    plain = MODELS.build(model_config(path)['backbone'])
    plain.eval()
    weights = {
        key.removeprefix('backbone.'): value
        for key, value in model.state_dict().items()
        if key.startswith('backbone.')
    }
    plain.load_state_dict(weights, strict=True)
    images = torch.randn(3, 3, 32, 32)
    expected = plain(images)[-1]
    model.eval()
    assert torch.equal(model.backbone(images)[-1], expected)


def test_mask_makes_the_average_pooling_of_the_neck_guided():
    path = ROOT / 'configs/sca/methods/simsiam_sca_r18_materials.py'
    model = build(dict(model_config(path), weight=1.0, warmup=0.0))
    images = torch.randn(BATCH_SIZE, 3, 32, 32)
    maps = model.backbone(images)[-1]
    attention = []
    model.sca.register_forward_hook(lambda *a: attention.append(a[2]))
    model.in_loss = True
    guided = model.backbone(images)[-1]
    torch.testing.assert_close(
        guided.mean((2, 3)), guided_pooling(maps, attention[0].mask)
    )


def test_other_view_is_refused():
    cfg = model_config(CONFIGS[0])
    cfg['sca']['partners'] = 'other_view'
    with pytest.raises(InputError, match='needs two views in one pass'):
        build(cfg)

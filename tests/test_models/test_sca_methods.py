"""SCA on the methods of mmpretrain, by config."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope

from mmsca.utils.errors import InputError

ROOT = Path(__file__).parents[2]
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


def train(model, steps=2, at=50):
    """Losses of steps on random views, this far into 100 iterations."""
    hub = MessageHub.get_instance(f'methods {at}')
    hub.update_info_dict(dict(epoch=0, iter=at, max_iters=100))
    optimizer = torch.optim.SGD(model.parameters(), 1e-3, momentum=0.9)
    torch.manual_seed(1)
    losses = []
    for _ in range(steps):
        views = [torch.randn(BATCH_SIZE, 3, 32, 32) for _ in range(2)]
        loss, _ = model.parse_losses(model.loss(views, data_samples=None))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_weight_zero_and_warm_up_are_the_method_to_the_bit(path):
    plain = build(plain_config(path))
    expected = train(plain)
    for settings, at in ((dict(weight=0.0), 50), (dict(warmup=0.9), 50)):
        model = build(dict(model_config(path), **settings))
        assert train(model, at=at) == expected
        torch.testing.assert_close(
            model.state_dict(), plain.state_dict(), rtol=0, atol=0
        )


@pytest.mark.parametrize('learned', [False, True])
@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_trains_guided(path, learned):
    cfg = model_config(path)
    if learned:
        cfg['sca'].update(embed_dims=8, num_heads=2)
    model = build(cfg)
    start = copy.deepcopy(model.sca.state_dict())
    losses = train(model)
    assert torch.tensor(losses).isfinite().all()
    assert losses != train(build(plain_config(path)))
    assert bool(start) == learned
    for name, value in start.items():
        if name != 'key.bias':
            assert not torch.equal(model.sca.state_dict()[name], value), name


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_backbone_comes_off_without_a_trace(path):
    model = build(model_config(path))
    train(model)
    cfg = model_config(path)['backbone']
    plain = MODELS.build(cfg)
    plain.eval()
    weights = {
        key.removeprefix('backbone.'): value
        for key, value in model.state_dict().items()
        if key.startswith('backbone.')
    }
    plain.load_state_dict(weights, strict=True)
    images = torch.randn(3, 3, 32, 32)
    expected = plain(images)[-1]
    assert torch.equal(model.eval().backbone(images)[-1], expected)


def test_mask_makes_the_average_pooling_of_the_neck_guided():
    path = ROOT / 'configs/sca/methods/simsiam_sca_r18_materials.py'
    model = build(dict(model_config(path), weight=1.0, warmup=0.0))
    guidance = []
    model.sca.register_forward_hook(lambda *a: guidance.append(a[2]))
    maps = model.backbone(torch.randn(BATCH_SIZE, 3, 32, 32))[-1]
    torch.testing.assert_close(maps.mean((2, 3)), guidance[0].features)


def test_other_view_is_refused():
    cfg = model_config(CONFIGS[0])
    cfg['sca']['partners'] = 'other_view'
    with pytest.raises(InputError, match='needs two views in one pass'):
        build(cfg)

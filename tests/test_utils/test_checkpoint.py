import pytest
import torch
from mmengine.logging import MMLogger
from mmengine.model import initialize
from torch import nn

from mmsca.utils.checkpoint import load_backbone, read_state_dict
from mmsca.utils.checkpoint_checks import (
    CheckpointCoverageError,
    check_coverage,
    check_whole,
)
from mmsca.utils.errors import InputError


def backbone():
    """A module with 30 keys, 5 of them counters of batches."""
    layers = (
        x
        for _ in range(5)
        for x in (nn.Conv2d(3, 3, 1, bias=False), nn.BatchNorm2d(3))
    )
    return nn.Sequential(*layers)


def randomised(module):
    for tensor in module.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
    return module


def named(module, prefix='backbone.'):
    return {prefix + k: v for k, v in module.state_dict().items()}


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('wrap', [True, False])
@pytest.mark.parametrize('prefix', ['', 'module.'])
def test_read_forms(tmp_path, prefix, wrap, zipped):
    weights = {prefix + 'a.weight': torch.arange(3.0), 'epoch': 3}
    path = tmp_path / 'a.pth'
    torch.save(
        {'state_dict': weights} if wrap else weights,
        path,
        _use_new_zipfile_serialization=zipped,
    )
    state_dict = read_state_dict(path)
    assert list(state_dict) == ['a.weight']
    assert torch.equal(state_dict['a.weight'], torch.arange(3.0))


@pytest.mark.parametrize('value', ['nan', 'inf'])
def test_load_refuses_what_is_not_finite(tmp_path, value):
    weights = named(randomised(backbone()))
    weights['backbone.0.weight'][1, 0] = float(value)
    weights['else'] = torch.tensor(float('nan'))
    torch.save(weights, tmp_path / 'a.pth')
    message = 'NaN or infinity in 1 of 30 tensors: 0.weight'
    with pytest.raises(InputError, match=message):
        load_backbone(backbone(), tmp_path / 'a.pth')


def test_pretrained_of_init_cfg_fails_too():
    """Where mmengine goes on from random weights."""
    module = nn.Linear(2, 2)
    with pytest.raises(InputError, match="no checkpoint file 'gone.pth'"):
        initialize(module, dict(type='Pretrained', checkpoint='gone.pth'))


def test_load_names_what_is_missing(tmp_path, monkeypatch):
    messages = []
    logger = MMLogger.get_current_instance()
    monkeypatch.setattr(logger, 'callHandlers', messages.append)
    state_dict = named(randomised(backbone()))
    del state_dict['backbone.9.bias']
    torch.save(state_dict, tmp_path / 'source.pth')
    load_backbone(backbone(), tmp_path / 'source.pth')
    message = messages[-1]
    assert 'lacks 9.bias' in message.getMessage()


def test_coverage_boundary():
    # 25 keys count: one missing is 96 %, two are 92 %.
    module = backbone()
    state_dict = {
        k: v for k, v in module.state_dict().items() if 'num_batches' not in k
    }
    assert len(state_dict) == 25
    del state_dict['1.weight']
    assert len(check_coverage(state_dict, module, 'a.pth')) == 24
    del state_dict['3.weight']
    with pytest.raises(CheckpointCoverageError, match='covers 23 of 25'):
        check_coverage(state_dict, module, 'a.pth')


def test_coverage_error_shows_both_sides():
    state_dict = named(backbone(), 'encoder.')
    with pytest.raises(CheckpointCoverageError) as error:
        check_coverage(state_dict, backbone(), source='ckpt.pth')
    message = str(error.value)
    assert "'ckpt.pth' covers 0 of 25 keys of Sequential" in message
    assert 'expected: 0.weight, 1.weight' in message
    assert 'in the file: encoder.0.weight' in message
    assert isinstance(error.value, ValueError)


def test_coverage_error_shows_shapes():
    state_dict = {
        k: torch.cat([v, v]) if v.ndim else v
        for k, v in backbone().state_dict().items()
    }
    with pytest.raises(CheckpointCoverageError) as error:
        check_coverage(state_dict, backbone(), 'a.pth')
    assert 'shape (6, 3, 1, 1), the model needs (3, 3, 1, 1)' in str(
        error.value
    )


@pytest.mark.parametrize(
    'change, message',
    [
        (
            {'1.bias': None},
            'fit 1 of 25 tensors of Sequential: it lacks 1.bias',
        ),
        (
            {'1.bias': torch.ones(4)},
            r"fit 1 of 25 .*'1.bias' is \(4,\) and not \(3,\)",
        ),
    ],
)
def test_whole(change, message):
    module = backbone()
    weights = {k: v for k, v in module.state_dict().items() if 'num_' not in k}
    check_whole(dict(weights, extra=torch.ones(1)), module, 'a.pth')
    weights |= change
    weights = {k: v for k, v in weights.items() if v is not None}
    with pytest.raises(CheckpointCoverageError, match=message):
        check_whole(weights, module, 'a.pth')

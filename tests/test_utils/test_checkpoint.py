import pytest
import torch
from mmengine.logging import MessageHub, MMLogger
from torch import nn

from mmsca.utils.checkpoint import (
    CheckpointCoverageError,
    check_coverage,
    load_backbone,
    read_state_dict,
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


def test_read_checkpoint_with_log_buffers(tmp_path):
    hub = MessageHub('test_checkpoint')
    hub.update_scalar('train/loss', 1.0)
    path = tmp_path / 'epoch_1.pth'
    torch.save(
        dict(state_dict={'a': torch.ones(2)}, message_hub=hub.state_dict()),
        path,
    )
    assert read_state_dict(path)['a'].tolist() == [1, 1]


class Trap:
    """Makes a pickle that raises when it is executed."""

    def __reduce__(self):
        return exec, ("raise SystemExit('executed')",)


class GetattrTrap:
    """Asks for an attribute, as log buffers do, but of another object."""

    def __reduce__(self):
        return getattr, (torch.Tensor, 'numpy')


def cut_off(path):
    torch.save({'a': torch.ones(1000)}, path)
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize(
    'write, message',
    [
        (lambda path: None, 'no checkpoint file'),
        (lambda path: path.mkdir(), 'no checkpoint file'),
        (cut_off, 'cut off or no PyTorch file'),
        (lambda path: path.write_bytes(b''), 'cut off or no PyTorch file'),
        (lambda path: path.write_text('hello'), 'cut off or no PyTorch'),
        (lambda path: torch.save({'epoch': 1}, path), 'holds no tensors'),
        (lambda path: torch.save([torch.ones(1)], path), 'holds no tensors'),
        (lambda path: torch.save({'a': Trap()}, path), 'other Python objects'),
        (lambda path: torch.save(GetattrTrap(), path), 'other Python'),
        (lambda path: torch.save(nn.Linear(1, 1), path), 'other Python'),
    ],
)
def test_read_refuses(tmp_path, write, message):
    path = tmp_path / 'broken.pth'
    write(path)
    with pytest.raises(InputError, match=message) as error:
        read_state_dict(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    'prefix, given',
    [
        ('backbone.', 'backbone.'),
        ('backbone.', 'backbone'),
        ('encoder.net.', 'encoder.net.'),
        ('', ''),
    ],
)
def test_load_backbone(tmp_path, prefix, given):
    source = randomised(backbone())
    path = tmp_path / 'source.pth'
    torch.save(dict(named(source, prefix), extra=torch.ones(1)), path)
    target = backbone()
    load_backbone(target, path, given)
    for key, tensor in source.state_dict().items():
        assert torch.equal(target.state_dict()[key], tensor), key


def test_load_names_what_is_missing(tmp_path, monkeypatch):
    messages = []
    logger = MMLogger.get_current_instance()
    monkeypatch.setattr(logger, 'callHandlers', messages.append)
    state_dict = named(randomised(backbone()))
    del state_dict['backbone.9.bias']
    torch.save(state_dict, tmp_path / 'source.pth')
    load_backbone(backbone(), tmp_path / 'source.pth')
    (message,) = messages
    assert 'lacks 9.bias' in message.getMessage()


def test_coverage_boundary():
    # 25 keys count: one missing is 96 %, two are 92 %.
    module = backbone()
    state_dict = {
        k: v for k, v in named(module).items() if 'num_batches' not in k
    }
    assert len(state_dict) == 25
    del state_dict['backbone.1.weight']
    assert len(check_coverage(state_dict, module)) == 24
    del state_dict['backbone.3.weight']
    with pytest.raises(CheckpointCoverageError, match='covers 23 of 25'):
        check_coverage(state_dict, module)


def test_coverage_error_shows_both_sides():
    state_dict = named(backbone(), 'encoder.')
    with pytest.raises(CheckpointCoverageError) as error:
        check_coverage(state_dict, backbone(), source='ckpt.pth')
    message = str(error.value)
    assert "'ckpt.pth' covers 0 of 25 keys of Sequential" in message
    assert 'expected: backbone.0.weight, backbone.1.weight' in message
    assert 'in the file: encoder.0.weight' in message
    assert 'Set the prefix' in message
    assert isinstance(error.value, ValueError)


def test_coverage_error_shows_shapes():
    state_dict = {
        k: torch.cat([v, v]) if v.ndim else v
        for k, v in named(backbone()).items()
    }
    with pytest.raises(CheckpointCoverageError) as error:
        check_coverage(state_dict, backbone())
    assert 'shape (6, 3, 1, 1), the model needs (3, 3, 1, 1)' in str(
        error.value
    )

"""No road that reads a checkpoint runs code of the file."""

import random
import shutil
from collections import Counter

import numpy as np
import pytest
import torch
from executable_checkpoint import Trap
from mmengine.logging import MessageHub
from mmengine.model import BaseModule
from mmengine.runner import CheckpointLoader
from torch import nn

from mmsca.utils.checkpoint_reader import (
    download,
    read_checkpoint,
    register_reader,
    zoo_url,
)
from mmsca.utils.errors import InputError


class GetattrTrap:
    """Asks for an attribute, as log buffers do, but of another object."""

    def __reduce__(self):
        return getattr, (torch.Tensor, 'numpy')


@pytest.fixture
def marker(tmp_path):
    return tmp_path / 'executed'


@pytest.fixture
def trapped(tmp_path, marker):
    """A checkpoint that would do for a whole Linear, but runs code."""
    path = tmp_path / 'trapped.pth'
    weights = nn.Linear(1, 1).state_dict()
    torch.save(dict(state_dict=weights, meta=Trap(marker)), path)
    return path


def test_what_a_training_saves_is_read(tmp_path):
    hub = MessageHub('test_checkpoint_reader')
    for value in (1, 2.5):
        hub.update_scalar('train/loss', value)
    content = dict(
        state_dict={'a': torch.ones(2)},
        message_hub=hub.state_dict(),
        param_schedulers=[dict(milestones=Counter([3, 5]), last_step=2)],
        generators=(
            random.getstate(),
            np.random.get_state(),
            torch.random.get_rng_state(),
        ),
        numbers=[np.dtype(code).type(1) for code in '?bhilBHILefd'],
        names=np.array(['brick', 'coins']),
    )
    torch.save(content, tmp_path / 'a.pth')
    read = read_checkpoint(tmp_path / 'a.pth')
    buffer = read['message_hub']['log_scalars']['train/loss']
    assert buffer.mean() == 1.75
    assert read['param_schedulers'] == content['param_schedulers']
    assert read['generators'][0] == random.getstate()
    assert torch.equal(read['generators'][2], content['generators'][2])
    assert (read['generators'][1][1] == content['generators'][1][1]).all()
    assert [type(n) for n in read['numbers']] == [
        type(n) for n in content['numbers']
    ]
    assert read['names'].tolist() == ['brick', 'coins']


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
        (lambda path: path.write_text('epoch 1'), 'cut off or no PyTorch'),
        (lambda path: torch.save(GetattrTrap(), path), 'builtins.getattr'),
        (
            lambda path: torch.save(nn.Linear(1, 1), path),
            r'first torch\.nn\.modules\.linear\.Linear.*--trust-checkpoint',
        ),
    ],
)
def test_refuses(tmp_path, write, message):
    path = tmp_path / 'broken.pth'
    write(path)
    with pytest.raises(InputError, match=message) as error:
        read_checkpoint(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize('zipped', [True, False])
def test_code_is_run_only_if_trusted(tmp_path, marker, zipped):
    path = tmp_path / 'a.pth'
    torch.save(
        dict(a=Trap(marker)), path, _use_new_zipfile_serialization=zipped
    )
    with pytest.raises(InputError, match='first pathlib.* --trust-checkpoint'):
        read_checkpoint(path)
    assert not marker.exists()
    read_checkpoint(path, trust=True)
    assert marker.exists()


class Module(BaseModule):
    def __init__(self, checkpoint):
        super().__init__(dict(type='Pretrained', checkpoint=str(checkpoint)))
        self.weight = nn.Parameter(torch.zeros(1, 1))
        self.bias = nn.Parameter(torch.zeros(1))


@pytest.mark.parametrize(
    'read',
    [
        lambda path: CheckpointLoader.load_checkpoint(str(path)),
        lambda path: Module(path).init_weights(),
    ],
    ids=['Runner', 'init_cfg'],
)
def test_mmengine_reads_so_too(read, trapped, marker):
    with pytest.raises(InputError, match='--trust-checkpoint'):
        read(trapped)
    assert not marker.exists()
    register_reader(trust=True)
    try:
        read(trapped)
    finally:
        register_reader()
    assert marker.exists()


def test_a_config_in_the_file_is_not_executed(tmp_path):
    """`Runner.resume` runs `meta['config']` as a Python file."""
    path = tmp_path / 'a.pth'
    torch.save(dict(meta=dict(config='raise SystemExit', epoch=1)), path)
    checkpoint = CheckpointLoader.load_checkpoint(str(path))
    assert checkpoint['meta'] == dict(epoch=1)


@pytest.mark.parametrize(
    'name', ['https://host/dir/a.pth', 'torchvision://resnet50']
)
def test_a_download_is_read_as_any_file(
    name, trapped, marker, tmp_path, monkeypatch
):
    asked = []

    def serve(url, target, *args):
        asked.append(url)
        shutil.copy(trapped, target)

    monkeypatch.setattr('torch.hub.download_url_to_file', serve)
    monkeypatch.setattr('torch.hub.get_dir', lambda: str(tmp_path))
    for _ in range(2):
        with pytest.raises(InputError, match='--trust-checkpoint'):
            CheckpointLoader.load_checkpoint(name)
    assert not marker.exists()
    assert len(asked) == 1 and asked[0].startswith('https://')


def test_names_that_are_nowhere(monkeypatch, tmp_path):
    with pytest.raises(InputError, match='Near it are resnet50'):
        zoo_url('torchvision://resnet5')
    with pytest.raises(InputError, match="'s3://a.pth' lies where"):
        CheckpointLoader.load_checkpoint('s3://a.pth')

    def refuse(*args):
        raise OSError('no route')

    monkeypatch.setattr('torch.hub.download_url_to_file', refuse)
    monkeypatch.setattr('torch.hub.get_dir', lambda: str(tmp_path))
    with pytest.raises(InputError, match='cannot be downloaded: no route'):
        download('https://host/a.pth')

"""Errors of every kind as the sentence of a tool."""

import tempfile

import pytest
from mmengine.config import Config
from mmengine.registry import Registry
from torch._utils import ExceptionWrapper
from torch.utils.data import DataLoader

from mmsca.utils.errors import InputError, run_tool
from mmsca.utils.failures import message_of

PARTS = Registry('part', locations=['mmsca.models'])


@PARTS.register_module()
class Wheel:
    def __init__(self, size, spokes=8):
        if size < 0:
            raise ValueError(f'size must be positive, got {size}')
        self.file = open(size) if isinstance(size, str) else None


@PARTS.register_module()
class Car:
    def __init__(self, wheel, **kwargs):
        self.wheel = PARTS.build(wheel)


@pytest.fixture
def said(tmp_path, monkeypatch):
    """What a tool says that builds a config, and where its traceback is."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    monkeypatch.setattr('mmsca.utils.failures.log_of_run', lambda: None)

    def run(main):
        with pytest.raises(SystemExit) as stop:
            run_tool(main)
        return stop.value.code

    return run


def car(**wheel):
    cfg = Config(dict(model=dict(type='Car', wheel=wheel)))
    return PARTS.build(cfg.model)


@pytest.mark.parametrize(
    'wheel, words',
    [
        (
            dict(type='Whel', size=1),
            "model.wheel.type is 'Whel', which is not in the registry of "
            "parts. Did you mean 'Wheel'?",
        ),
        (
            dict(type='Wheel', size=1, spoke=3),
            'model.wheel.spoke is no argument of Wheel. Did you mean '
            "'spokes'?",
        ),
        (
            dict(type='Wheel', size=-1),
            'model.wheel (Wheel) cannot be built: ValueError: size must be '
            'positive, got -1. See model.wheel.size=-1.',
        ),
        (
            dict(type='Wheel'),
            'model.wheel (Wheel) cannot be built: TypeError: Wheel.__init__'
            "() missing 1 required positional argument: 'size'.",
        ),
    ],
    ids=['type', 'argument', 'value', 'missing'],
)
def test_building_names_the_field(said, tmp_path, wheel, words):
    said_ = said(lambda: car(**wheel))
    assert said_.startswith(f'error: {words} The traceback is in ')
    (log,) = tmp_path.glob('mmsca_*.log')
    assert str(log) in said_
    assert 'Traceback' in log.read_text() and 'Traceback (' not in said_


def test_a_missing_file_names_the_field(said, tmp_path):
    def main():
        cfg = Config(dict(train_dataloader=dict(data_root=str(tmp_path))))
        open(tmp_path / 'gone' / 'a.png')
        return cfg

    text = said(main)
    assert f"'{tmp_path}/gone/a.png': No such file" in text
    assert f'It comes from train_dataloader.data_root={tmp_path}' in text


def test_a_missing_file_of_no_field(said):
    text = said(lambda: open('nowhere.txt'))
    assert "'nowhere.txt': No such file or directory. The traceback" in text
    assert 'data_root' not in text


def test_an_unexpected_argument_of_a_call(said):
    def main():
        cfg = Config(dict(train_dataloader=dict(batchsize=3)))
        return DataLoader([], **cfg.train_dataloader)

    text = said(main)
    assert 'train_dataloader.batchsize is no argument of DataLoader' in text
    assert "Did you mean 'batch_size'?" in text


def test_an_error_without_a_message(said):
    def main():
        raise AssertionError

    text = said(main)
    assert 'AssertionError in' in text and '`raise AssertionError`' in text


def test_input_errors_write_no_log(said, tmp_path):
    def main():
        raise InputError('The file is blue.')

    assert said(main) == 'error: The file is blue.'
    assert not list(tmp_path.iterdir())


def test_exits_are_left_alone():
    for stop in (SystemExit(3), KeyboardInterrupt()):
        with pytest.raises(type(stop)):
            run_tool(lambda stop=stop: (_ for _ in ()).throw(stop))


@pytest.mark.parametrize(
    'error, message',
    [
        (
            InputError("'a.png' is empty.\n  word: more\nValueError: why"),
            "'a.png' is empty.\n  word: more\nValueError: why",
        ),
        (ValueError('bad'), 'ValueError: bad'),
        (KeyError('mask'), "KeyError: 'mask'"),
        (UnicodeDecodeError('utf-8', b'x', 0, 1, 'y'), 'UnicodeDecodeError'),
    ],
    ids=['input', 'value', 'key', 'cannot-be-raised-again'],
)
def test_of_a_worker_the_last_line_counts(error, message):
    try:
        raise error
    except Exception:
        wrapper = ExceptionWrapper(where='in DataLoader worker process 0')
    with pytest.raises(Exception) as again:
        wrapper.reraise()
    assert 'Traceback' in str(again.value.args[0])
    assert message_of(again.value).startswith(message)
    assert 'Traceback' not in message_of(again.value)


def test_other_ranks_wait_for_the_first(said, monkeypatch):
    waited = []
    monkeypatch.setenv('RANK', '1')
    monkeypatch.setattr('time.sleep', waited.append)
    assert said(lambda: open('nowhere.txt')) and waited

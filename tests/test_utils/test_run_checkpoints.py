"""Which checkpoint `--resume` takes."""

import os

import pytest
import torch

from mmsca.utils.errors import InputError
from mmsca.utils.run_checkpoints import (
    last_checkpoint,
    newest_whole_checkpoint,
)


@pytest.fixture
def save(tmp_path):
    """`save(name, iteration, time)` writes a checkpoint of the run."""

    def write(name, iteration, time):
        path = tmp_path / name
        torch.save(dict(meta=dict(iter=iteration)), path)
        os.utime(path, (time, time))
        return path

    return write


def test_the_file_decides_and_not_its_time(save, tmp_path):
    save('epoch_9.pth', 90, time=2)
    furthest = save('epoch_10.pth', 100, time=1)
    assert newest_whole_checkpoint(tmp_path) == furthest
    # Saved within the next epoch, under another pattern.
    furthest = save('iter_105.pth', 105, time=0)
    assert newest_whole_checkpoint(tmp_path) == furthest


def test_a_damaged_one_is_passed_over_with_a_word(save, tmp_path, capsys):
    whole = save('epoch_9.pth', 90, time=2)
    save('epoch_10.pth', 100, time=1).write_bytes(b'PK')
    assert newest_whole_checkpoint(tmp_path) == whole
    assert "epoch_10.pth' is cut off" in capsys.readouterr().err


def test_none_and_none_whole(tmp_path):
    assert newest_whole_checkpoint(tmp_path) is None
    (tmp_path / 'epoch_1.pth').write_bytes(b'')
    with pytest.raises(InputError, match='No checkpoint in .* is whole'):
        newest_whole_checkpoint(tmp_path)


def test_the_last_one_after_a_move_and_with_an_out_dir(tmp_path):
    run, out = tmp_path / 'run', tmp_path / 'out' / 'run'
    run.mkdir()
    out.mkdir(parents=True)
    (run / 'last_checkpoint').write_text(f'{out}/epoch_3.pth')
    # Nothing lies there any more: the run was moved.
    assert last_checkpoint(run) == run / 'epoch_3.pth'
    (out / 'epoch_3.pth').touch()
    assert last_checkpoint(run) == out / 'epoch_3.pth'
    (run / 'epoch_3.pth').touch()
    assert last_checkpoint(run) == run / 'epoch_3.pth'

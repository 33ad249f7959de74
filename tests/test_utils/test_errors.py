import os
import signal
import subprocess
import sys
import warnings

import pytest
from torch.utils.data import DataLoader, Dataset

from mmsca.utils.errors import InputError, quiet_dependencies


class Broken(Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        try:
            raise OSError('no picture')
        except OSError as error:
            raise InputError(f"'a.png': {error}.\nReplace it.") from error


def test_a_sentence_comes_whole_out_of_a_worker():
    with pytest.raises(InputError) as found:
        list(DataLoader(Broken(), num_workers=1))
    assert str(found.value) == "'a.png': no picture.\nReplace it."
    # For the log file.
    assert 'Traceback' in found.value.args[0]


def test_a_sentence_is_what_it_is():
    assert str(InputError('a: b')) == 'a: b' and str(InputError()) == ''


@pytest.mark.parametrize('module', ['mmengine.model.wrappers', 'mmsca.apis'])
def test_openmmlab_does_not_warn_of_its_own_calls(module):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        quiet_dependencies()
        warnings.warn_explicit('old', FutureWarning, 'a.py', 1, module)
    assert bool(seen) == module.startswith('mmsca')


def test_a_reader_that_left_is_not_told():
    """As in `mmsca configs | head`."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, '-m', 'mmsca', 'configs'],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write_end)
    assert done.stderr == '' and done.returncode == 128 + signal.SIGPIPE

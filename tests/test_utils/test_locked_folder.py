import multiprocessing
import os
import signal
import socket

import pytest

from mmsca.utils.errors import InputError
from mmsca.utils.locked_folder import locked_folder

FORK = multiprocessing.get_context('fork')


def hold(folder, pipe):
    with locked_folder(folder):
        # What a worker of a data loader is: it outlives a kill.
        worker = FORK.Process(target=signal.pause)
        worker.start()
        pipe.send(worker.pid)
        signal.pause()


@pytest.fixture
def holder(tmp_path):
    """A process that has the lock, and the id of its child."""
    pipe, end = FORK.Pipe()
    process = FORK.Process(target=hold, args=(tmp_path, end))
    process.start()
    child = pipe.recv()
    yield process
    process.kill()
    process.join()
    os.kill(child, signal.SIGKILL)


def test_the_other_process_is_named(holder, tmp_path):
    name = f'process {holder.pid} on {socket.gethostname()} since 20'
    with pytest.raises(InputError, match=f'in use by {name}'):
        with locked_folder(tmp_path):
            pass


def test_the_lock_of_a_killed_process_is_taken_over(holder, tmp_path):
    holder.kill()
    holder.join()
    with locked_folder(tmp_path):
        text = (tmp_path / '.lock').read_text()
        assert text.startswith(f'process {os.getpid()} on')
    assert (tmp_path / '.lock').read_text() == ''

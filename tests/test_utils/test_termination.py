import os
import signal
import subprocess

from torch.utils.data import DataLoader

from mmsca.utils.termination import (
    defer_termination,
    restore_termination,
    shield_workers,
    termination_requested,
)


def test_sigterm_is_noted_while_it_is_deferred():
    before = signal.getsignal(signal.SIGTERM)
    defer_termination()
    defer_termination()
    assert not termination_requested()
    os.kill(os.getpid(), signal.SIGTERM)
    assert termination_requested()
    restore_termination()
    assert not termination_requested()
    assert signal.getsignal(signal.SIGTERM) is before


class ProcessIds:
    def __getitem__(self, index):
        return os.getpid()

    def __len__(self):
        return 100


def test_workers_die_of_their_parent_alone():
    loader = DataLoader(ProcessIds(), num_workers=1, batch_size=None)
    shield_workers(loader)
    batches = iter(loader)
    pid = next(batches)
    subprocess.run(['kill', '-TERM', str(pid)], check=True)
    # More than it had loaded ahead.
    assert {next(batches) for _ in range(10)} == {pid}
    (worker,) = batches._workers
    worker.terminate()
    worker.join()
    assert worker.exitcode == 0

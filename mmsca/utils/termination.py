"""A request to end that waits until what is being done is whole."""

import os
import signal
from collections.abc import Callable
from functools import partial
from threading import Event, Thread

from torch.utils.data import DataLoader

_noted = Event()
_before = None


def defer_termination() -> None:
    """Note SIGTERM from now on, instead of dying of it."""
    global _before
    _noted.clear()
    if _before is None:
        _before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: _noted.set())


def termination_requested() -> bool:
    """Whether SIGTERM has come since it is deferred."""
    return _noted.is_set()


def restore_termination() -> None:
    """Let SIGTERM end the process again."""
    global _before
    if _before is not None:
        signal.signal(signal.SIGTERM, _before)
    _before = None
    _noted.clear()


def shield_workers(loader: DataLoader) -> None:
    """Let the workers of a loader die of SIGTERM from their parent alone.

    Schedulers send the signal to all processes at once. A training whose
    workers are gone cannot end the step that it is in.
    """
    loader.worker_init_fn = partial(_start_worker, loader.worker_init_fn)


def _start_worker(init: Callable[[int], None] | None, worker_id: int) -> None:
    # The kernel looks for a thread that takes the signal: only the one below.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    Thread(target=_obey_parent, daemon=True).start()
    if init is not None:
        init(worker_id)


def _obey_parent() -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != os.getppid():
        pass
    os._exit(0)

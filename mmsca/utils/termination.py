"""A request to end that waits until what is being done is whole."""

import signal
from threading import Event

_noted = Event()
_before = None  # handler and mask


def defer_termination() -> None:
    """Note SIGTERM from now on, instead of dying of it.

    Processes that start meanwhile, such as the workers of data loaders, do
    not die of it either. Schedulers send it to all at once, and a worker
    that is gone ends the training before the step is whole.
    """
    global _before
    _noted.clear()
    handler = signal.signal(signal.SIGTERM, lambda *_: _noted.set())
    # A mask is inherited, and holds against the handlers of torch's workers.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    _before = _before or (handler, mask)


def termination_requested() -> bool:
    """Whether SIGTERM has come since it is deferred."""
    pending = _before and signal.SIGTERM in signal.sigpending()
    return bool(pending) or _noted.is_set()


def restore_termination() -> None:
    """Let SIGTERM end the process again."""
    global _before
    if _before is not None:
        handler, mask = _before
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGTERM, handler or signal.SIG_DFL)
        _before = None
    _noted.clear()

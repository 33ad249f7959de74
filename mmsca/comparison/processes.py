"""Processes that end with the one that started them."""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # of linux/prctl.h
SECONDS_TO_SAVE = 30


class Stopped(Exception):
    """Nothing starts any more."""


class Processes:
    """The processes that this one has started, to be stopped at once."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen] = []
        self.stopped = False

    def check(self) -> None:
        """Raise Stopped once they were stopped."""
        if self.stopped:
            raise Stopped

    def start(self, *args, **kwargs) -> subprocess.Popen:
        """As `subprocess.Popen`; raises Stopped once they were stopped."""
        self.check()
        process = subprocess.Popen(
            *args,
            # Its own group, so that stopping it reaches its workers.
            start_new_session=True,
            preexec_fn=partial(end_with_parent, os.getpid()),
            **kwargs,
        )
        self.running.append(process)
        return process

    def stop(self) -> None:
        """Stop all of them, and what is left of their workers.

        A training saves a checkpoint before it ends. None starts any more.
        """
        self.stopped = True
        running = [p for p in self.running if p.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_SAVE)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def end_with_parent(parent: int) -> None:
    """Have Linux kill this process when its parent, by its id, is gone."""
    if sys.platform == 'linux':
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # gone before that
            os._exit(1)

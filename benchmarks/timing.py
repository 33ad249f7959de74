"""CPU time of arms that take turns, and memory of a process of its own."""

import multiprocessing
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def alternate(
    arms: dict[str, Callable], items: Iterable
) -> dict[str, list[float]]:
    """CPU seconds of each arm on each item, but the first, which warms up.

    Seconds are those of all threads of this process, which other work on the
    machine stretches less than the clock's. Each arm goes first in turn.

    Args:
        arms (dict[str, Callable]): By name; each is called with an item.
        items (Iterable): What all arms get, one after another.
    """
    seconds = {name: [] for name in arms}
    for index, item in enumerate(items):
        for name in list(arms)[:: 1 if index % 2 else -1]:
            start = time.process_time()
            arms[name](item)
            if index:
                seconds[name].append(time.process_time() - start)
    return seconds


def peak_mib(function: Callable, *args) -> float:
    """MiB that a new process has resident at most while it runs `function`.

    Args:
        function (Callable): Of the top level of a module, as `spawn` needs.
        *args: Its arguments.
    """
    with multiprocessing.get_context('spawn').Pool(1) as pool:
        return pool.apply(_peak_after, (function, args))


def _peak_after(function: Callable, args: tuple) -> float:
    function(*args)
    return resident_peak_mib()


def resident_peak_mib() -> float:
    """MiB that this process has had resident at most, on Linux."""
    # Not getrusage, which remembers the process that started this one.
    status = Path('/proc/self/status').read_text()
    return int(status.split('VmHWM:')[1].split()[0]) / 2**10

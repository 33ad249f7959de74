"""Time of arms that take turns, and memory of one."""

import gc
import multiprocessing
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def alternate(
    arms: dict[str, Callable], items: Iterable, device: str = 'cpu'
) -> dict[str, list[float]]:
    """Seconds of each arm on each item, but the first, which warms up.

    Each arm goes first in turn.

    Args:
        arms (dict[str, Callable]): By name; each is called with an item.
        items (Iterable): What all arms get, one after another.
        device (str): What the arms run on, as of :func:`clock_of`.
    """
    clock = clock_of(device)
    seconds = {name: [] for name in arms}
    for index, item in enumerate(items):
        for name in list(arms)[:: 1 if index % 2 else -1]:
            start = clock()
            arms[name](item)
            if index:
                seconds[name].append(clock() - start)
    return seconds


def clock_of(device: str) -> Callable[[], float]:
    """What tells the seconds of work on a device.

    On a CPU these are the seconds of all threads of this process, which other
    work on the machine stretches less than those of the clock; on a GPU those
    of the clock, read when the GPU has done all that it was given.
    """
    if device == 'cpu':
        return time.process_time
    import torch

    def clock() -> float:
        torch.cuda.synchronize(device)
        return time.perf_counter()

    return clock


def device_peak_mib(function: Callable, *args) -> float:
    """MiB that tensors take on the GPU at most while `function` runs.

    Args:
        function (Callable): What to run; what was there before is not counted.
        *args: Its arguments.
    """
    import torch

    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    function(*args)
    return (torch.cuda.max_memory_allocated() - before) / 2**20


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

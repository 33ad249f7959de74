"""Runs on this machine, a few at a time, one GPU each."""

import importlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from queue import Queue

import torch

from mmsca.comparison.execute import RunError, work
from mmsca.comparison.processes import Processes
from mmsca.comparison.progress import Progress
from mmsca.comparison.run import Run


def run_here(
    runs: Sequence[Run],
    workers: int,
    progress: Progress,
    ended: Callable[[Run], None],
) -> dict[str, str]:
    """Do runs on this machine.

    Args:
        runs (Sequence[Run]): Those that start first stand first.
        workers (int): Number of runs at a time.
        progress (Progress): Is told what happens.
        ended (Callable): Called with each run that is finished.

    Returns:
        dict[str, str]: Name of a run that failed -> why.
    """
    # mmengine prints configs by yapf, which on its first import writes a
    # cache; processes that do so at a time read a half-written file.
    importlib.import_module('yapf')
    devices = free_devices(workers)
    processes = Processes()

    def do(run: Run) -> None:
        device = devices.get()
        try:
            work(run, progress.tell, processes, device)
        finally:
            devices.put(device)

    executor = ThreadPoolExecutor(workers)
    futures = {executor.submit(do, run): run for run in runs}
    failures = {}
    try:
        for future in as_completed(futures):
            run = futures[future]
            try:
                future.result()
            except RunError as error:
                failures[run.name] = str(error)
                progress.tell(run, '', 'failed')
            else:
                ended(run)
    finally:
        # First, so that none starts while others are being stopped.
        executor.shutdown(wait=False, cancel_futures=True)
        processes.stop()
        executor.shutdown()
    return failures


def free_devices(workers: int) -> Queue:
    """A GPU for each worker, in turn; None where there are none."""
    given = os.environ.get('CUDA_VISIBLE_DEVICES')
    names = given.split(',') if given else range(torch.cuda.device_count())
    devices: Queue = Queue()
    for index in range(workers):
        devices.put(str(names[index % len(names)]) if len(names) else None)
    return devices

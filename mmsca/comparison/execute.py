"""Runs, mapped over processes of this machine or over jobs of Slurm.

A run does not depend on another one, and its stages follow one another. What
is finished lies beside its `done.json`, so that whatever is killed goes on
when the same command is given again.
"""

import ctypes
import fcntl
import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Queue

import torch

from mmsca.comparison.progress import Progress, tail
from mmsca.comparison.project import tool
from mmsca.comparison.record import measured_on, write_whole
from mmsca.comparison.run import DONE, Run, Stage
from mmsca.comparison.table import Table
from mmsca.utils.errors import InputError

FULL = 64 << 20  # a disk with fewer bytes left is full


SECONDS_TO_SAVE = 30
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # of linux/prctl.h


class RunError(RuntimeError):
    """A stage that failed, with the end of its log in the message."""


class Processes:
    """The processes that this one has started, to be stopped at once."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen] = []
        self.stopped = False

    def start(self, *args, **kwargs) -> subprocess.Popen:
        """As `subprocess.Popen`."""
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

    def check(self) -> None:
        """Raise a RunError once all were stopped."""
        if self.stopped:
            raise RunError('stopped')

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


def work(
    run: Run,
    tell: Callable[[Run, str, str], None] = lambda *_: None,
    processes: Processes | None = None,
    device: str | None = None,
) -> None:
    """Do all stages of a run that are not finished.

    Args:
        run (Run): The run.
        tell (Callable): Is told the run, a stage and its state.
        processes (Processes, optional): Gets those of the stages.
        device (str, optional): The GPU that they see.

    Raises:
        RunError: If a stage fails. What came before stays.
    """
    processes = processes or Processes()
    try:
        with locked(run, tell, processes) as lock:
            stages = run.stages
            if all(stage.done() for stage in stages):
                return
            for stage in stages:
                if not (stage.done() and stage.output.exists()):
                    tell(run, stage.name, 'running')
                    perform(stage, run, lock, processes, device)
    except OSError as error:
        raise RunError(
            f'{run.name} could not be written to {run.folder}: {error}.'
            f'{full_disk(run.folder)} What is finished stays; give the same '
            'command again to go on.'
        ) from error
    tell(run, '', 'done')


def perform(
    stage: Stage,
    run: Run,
    lock: int,
    processes: Processes,
    device: str | None,
) -> None:
    """Run the command of a stage and write its `done.json`.

    Raises:
        RunError: If it fails.
    """
    if not stage.resumes and stage.folder.exists():
        shutil.rmtree(stage.folder)
    stage.folder.mkdir(parents=True, exist_ok=True)
    (stage.folder / DONE).unlink(missing_ok=True)
    command = [str(argument) for argument in stage.command]
    log = stage.folder / 'log.txt'
    began = time.monotonic()
    environment = dict(OMP_NUM_THREADS='1', PYTHONUNBUFFERED='1')
    if device is not None:
        environment['CUDA_VISIBLE_DEVICES'] = device
    with log.open('a') as stream:
        process = processes.start(
            [sys.executable, *command],
            stdout=stream,
            stderr=subprocess.STDOUT,
            # Who outlives this process keeps the lock of the run.
            pass_fds=(lock,),
            env=os.environ | environment,
        )
        code = process.wait()
    if code or not stage.output.exists():
        reason = f'ended with exit code {code}'
        if not code:
            reason = f"did not write '{stage.output}'"
        raise RunError(
            f'{tail(log, lines=30)}\n\n{stage.name} of {run.name} {reason}.'
            f'{full_disk(stage.folder)} Its whole log is {log}. Give the '
            'same command again to go on from here.'
        )
    try:
        scores, baselines = stage.scores(), stage.baselines()
    except InputError as error:
        raise RunError(str(error)) from error
    done = dict(
        stage=stage.name,
        settings=stage.settings,
        command=command,
        seconds=round(time.monotonic() - began, 1),
        scores=scores,
        baselines=baselines,
        **measured_on(run, stage),
    )
    write_whole(done, stage.folder / DONE)


@contextmanager
def locked(run: Run, tell: Callable, processes: Processes) -> Iterator[int]:
    """Keep a run to one process, and to what that process has started.

    A worker of a stage that was killed holds the lock until it ends.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    with (run.folder / '.lock').open('w') as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                tell(run, '', 'waiting for another process')
                time.sleep(0.5)
                processes.check()
        yield file.fileno()


def end_with_parent(parent: int) -> None:
    """Have Linux kill this process when its parent is gone.

    Args:
        parent (int): Process id of the parent.
    """
    if sys.platform == 'linux':
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # gone before that
            os._exit(1)


def full_disk(folder: Path) -> str:
    """A sentence, if the disk of a folder is full."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free > FULL:
        return ''
    return f' Its disk is full: {free / 2**20:.0f} MiB are free.'


def run_here(
    runs: Sequence[Run],
    workers: int,
    progress: Progress,
    ended: Callable[[Run], None],
) -> dict[str, str]:
    """Do runs on this machine, a few at a time, one GPU each.

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
        left = set(futures)
        while left:
            done, left = wait_for(left, 0.2, FIRST_COMPLETED)
            failures |= _collect(done, futures, progress, ended)
    finally:
        processes.stop()
        executor.shutdown(cancel_futures=True)
    return failures


def _collect(
    done: set[Future], futures: dict, progress: Progress, ended: Callable
) -> dict[str, str]:
    """Why those of the runs that have ended failed that did."""
    failures = {}
    for future in done:
        run = futures[future]
        try:
            future.result()
        except RunError as error:
            failures[run.name] = str(error)
            progress.tell(run, '', 'failed')
        else:
            ended(run)
    return failures


def free_devices(workers: int) -> Queue:
    """A GPU for each worker, in turn; None where there are none."""
    given = os.environ.get('CUDA_VISIBLE_DEVICES')
    names = given.split(',') if given else range(torch.cuda.device_count())
    devices: Queue = Queue()
    for index in range(workers):
        devices.put(str(names[index % len(names)]) if len(names) else None)
    return devices


def write_data(table: Table) -> None:
    """Have a tool write the data of a comparison, if it has one.

    Raises:
        InputError: If the data is missing or other data is there.
    """
    data, root = table.data, table.data_root
    missing = [f for f in data.folders if not (root / f).exists()]
    if missing:
        raise InputError(
            f"The comparison '{table.name}' needs {data.title} in '{root}', "
            f'which has no {", ".join(missing)}. {data.guide} shows how to '
            'make it; `data_root` names another place.'
        )
    if not data.tool:
        return
    command = [sys.executable, tool(data.tool), root, *data.arguments]
    result = subprocess.run(
        list(map(str, command)), capture_output=True, text=True
    )
    if result.returncode:
        raise InputError(
            f'{data.title} could not be written: '
            f'{result.stderr.strip().removeprefix("error: ")}'
        )

"""The stages of a run, one after another.

What is finished lies beside its `done.json`, so that whatever is killed goes
on when the same command is given again.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mmsca.comparison.processes import Processes
from mmsca.comparison.progress import tail
from mmsca.comparison.record import environment_of, write_json
from mmsca.comparison.run import Run
from mmsca.comparison.stage import DONE, Stage
from mmsca.utils.errors import InputError

FULL = 64 << 20  # a disk with fewer bytes left is full
AGAIN = 'What is finished stays; give the same command again to go on.'


class RunError(RuntimeError):
    """A stage that failed, with the end of its log in the message."""


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
        Stopped: If the processes were stopped.
    """
    processes = processes or Processes()
    try:
        with run_lock(run, tell, processes) as lock:
            if not run.done():
                for stage in run.stages:
                    processes.check()
                    if not (stage.done() and stage.output.exists()):
                        tell(run, stage.name, 'running')
                        perform(stage, run, lock, processes, device)
    except OSError as error:
        raise RunError(
            f'{run.name} could not be written to {run.folder}: {error}.'
            f'{full_disk(run.folder)} {AGAIN}'
        ) from error
    tell(run, '', 'done')


def perform(
    stage: Stage, run: Run, lock: int, processes: Processes, device: str | None
) -> None:
    """Run the command of a stage and write its `done.json`; see `work`."""
    if stage.evaluation and stage.folder.exists():
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
            f'{last_words(log)}\n\n{stage.name} of {run.name} {reason}.'
            f'{full_disk(stage.folder)} Its whole log is {log}. {AGAIN}'
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
        **environment_of(run, stage),
    )
    write_json(done, stage.folder / DONE)


@contextmanager
def run_lock(run: Run, tell: Callable, processes: Processes) -> Iterator[int]:
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


def last_words(log: Path) -> str:
    """The sentence that a tool ended with, or else the end of its log."""
    text = '\n' + tail(log, lines=30)
    return text[max(text.rfind('\nerror: '), 0) :].strip()


def full_disk(folder: Path) -> str:
    """A sentence, if the disk of a folder is full."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free > FULL:
        return ''
    return f' Its disk is full: {free / 2**20:.0f} MiB are free.'

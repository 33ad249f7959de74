"""Python commands that depend on one another, run a few at a time.

What a finished job was is recorded, so that an interrupted run continues
where it stopped: the rule is that of make, with the command in place of the
age of the sources.
"""

import ctypes
import importlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.live import Live

from mmsca.apis.job_table import JobTable, tail
from mmsca.apis.options import write_option
from mmsca.apis.work_dir import last_checkpoint
from mmsca.utils import locked_folder, whole_file
from mmsca.utils.errors import run_tool

SECONDS_TO_SAVE = 30
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # of linux/prctl.h
WAITING, RUNNING, DONE, SKIPPED, FAILED, STOPPED = (
    'waiting',
    'running',
    'done',
    'done before',
    'failed',
    'stopped',
)


class JobError(RuntimeError):
    """A job that failed, with the end of its log in the message."""


@dataclass(frozen=True)
class LastCheckpoint:
    """An argument that names the newest checkpoint of an earlier job.

    Args:
        work_dir (Path): Work directory of a job of tools/train.py.
        field (str): The field of the config to give it to, such as
            `a.checkpoint`. Defaults to '', the path alone.
    """

    work_dir: Path
    field: str = ''

    def __str__(self) -> str:
        path = str(last_checkpoint(self.work_dir))
        return write_option(self.field, path) if self.field else path


@dataclass(frozen=True)
class Job:
    """One Python command.

    Args:
        name (str): Unique name; also that of the log.
        command (tuple): Arguments of the interpreter, each turned into `str`
            when the job starts.
        after (tuple[str]): Names of the jobs that must have ended before.
        products (tuple[Path]): Files that exist when the job has succeeded.
        seconds (float): Expected duration, for the estimate of what is left.
    """

    name: str
    command: tuple
    after: tuple[str, ...] = ()
    products: tuple[Path, ...] = ()
    seconds: float = 60.0


def shell_line(job: Job) -> str:
    """The command of a job that has run, for a shell."""
    return shlex.join(['python', *map(str, job.command)])


def run_jobs_tool(main: Callable[[], object]) -> None:
    """Run a command-line tool whose work is a JobRunner's.

    A failed job ends it with its message, and a signal by an exception, which
    stops the running jobs as well.

    Args:
        main (Callable): Takes no arguments.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, lambda number, _: sys.exit(128 + number))

    def run() -> None:
        try:
            main()
        except JobError as error:
            sys.exit(str(error))

    run_tool(run)


class JobRunner:
    """Runs jobs in the order of their list as soon as they may start.

    However it ends, its jobs end with it, on Linux even if it is killed.

    Args:
        jobs (list[Job]): A job stands behind those it depends on.
        work_dir (Path): Gets `logs/<name>.log` and `jobs/<name>.json`.
        workers (int): Number of processes at a time. Each computes with one
            thread, see `OMP_NUM_THREADS`.
        console (Console): Where the progress is shown. Defaults to stdout.
        ended (Callable): Called with the names of all jobs that are done
            whenever one more is.
    """

    def __init__(
        self,
        jobs: list[Job],
        work_dir: Path,
        workers: int = 2,
        console: Console | None = None,
        ended: Callable[[set[str]], None] = lambda names: None,
    ) -> None:
        names = set()
        for job in jobs:
            if missing := set(job.after) - names:
                raise ValueError(
                    f'job {job.name} depends on {sorted(missing)}, which must '
                    'stand before it in the list of jobs'
                )
            names.add(job.name)
        self.jobs = jobs
        self.work_dir = work_dir
        self.workers = workers
        self.console = console or Console()
        self.ended = ended
        self.states = dict.fromkeys((job.name for job in jobs), WAITING)
        self.seconds: dict[str, float] = {}
        self._started: dict[str, float] = {}
        self._processes: dict[str, subprocess.Popen] = {}

    def run(self) -> None:
        """Run every job that an earlier run has not finished.

        Raises:
            JobError: If a job fails. The running ones are stopped.
            InputError: If another process runs jobs in the work directory.
        """
        with locked_folder(self.work_dir):
            self._run()

    def _run(self) -> None:
        # mmengine prints configs by yapf, which on its first import writes a
        # cache; jobs that do so at the same time read a half-written file.
        importlib.import_module('yapf')
        for name in ('logs', 'jobs'):
            (self.work_dir / name).mkdir(parents=True, exist_ok=True)
        # Elsewhere each change of state is a line, see `_set_state`.
        table = nullcontext()
        if self.console.is_terminal:
            table = Live(JobTable(self), console=self.console)
        with table:
            try:
                while self._advance():
                    time.sleep(0.1)
            finally:
                self._stop()

    def log_file(self, job: Job) -> Path:
        return self.work_dir / 'logs' / f'{job.name}.log'

    def record_file(self, name: str) -> Path:
        return self.work_dir / 'jobs' / f'{name}.json'

    def elapsed(self, name: str) -> float | None:
        """Seconds a job has run or took, None if it did not run here."""
        if name in self._processes:
            return time.monotonic() - self._started[name]
        return self.seconds.get(name)

    def _advance(self) -> bool:
        """Collect the jobs that ended, start others; False at the end."""
        for job in self.jobs:
            process = self._processes.get(job.name)
            if process and process.poll() is not None:
                self._collect(job)
        ended = self._ended()
        for job in self.jobs:
            if len(self._processes) == self.workers:
                break
            if self.states[job.name] == WAITING and ended.issuperset(
                job.after
            ):
                self._start(job)
        return len(ended) < len(self.jobs)

    def _ended(self) -> set[str]:
        return {n for n, s in self.states.items() if s in (DONE, SKIPPED)}

    def _start(self, job: Job) -> None:
        command = [str(argument) for argument in job.command]
        if self._is_finished(job, command):
            self._set_state(job.name, SKIPPED)
            return
        self.record_file(job.name).unlink(missing_ok=True)
        with self.log_file(job).open('w') as log:
            self._processes[job.name] = subprocess.Popen(
                [sys.executable, *command],
                stdout=log,
                stderr=subprocess.STDOUT,
                # Its own group, so that stopping it reaches its workers.
                start_new_session=True,
                preexec_fn=partial(end_with_parent, os.getpid()),
                env={
                    **os.environ,
                    'OMP_NUM_THREADS': '1',
                    'PYTHONUNBUFFERED': '1',
                },
            )
        self._started[job.name] = time.monotonic()
        self._set_state(job.name, RUNNING)

    def _is_finished(self, job: Job, command: list[str]) -> bool:
        """Whether an earlier run did this, and nothing it read changed."""
        record = self.record_file(job.name)
        if not record.exists() or not all(p.exists() for p in job.products):
            return False
        age = record.stat().st_mtime_ns
        return json.loads(record.read_text())['command'] == command and all(
            self.record_file(name).stat().st_mtime_ns <= age
            for name in job.after
        )

    def _collect(self, job: Job) -> None:
        """Record a job that ended, or raise for one that failed."""
        self.seconds[job.name] = self.elapsed(job.name)
        process = self._processes.pop(job.name)
        missing = [str(p) for p in job.products if not p.exists()]
        if process.returncode == 0 and not missing:
            record = dict(
                command=process.args[1:],
                seconds=round(self.seconds[job.name], 1),
            )
            with whole_file(self.record_file(job.name)) as part:
                part.write_text(json.dumps(record, indent=1))
            self._set_state(job.name, DONE)
            return
        self._set_state(job.name, FAILED)
        reason = (
            f'ended with exit code {process.returncode}'
            if process.returncode
            else f'did not write {", ".join(missing)}'
        )
        log = self.log_file(job)
        raise JobError(
            f'{tail(log, lines=30)}\n\nJob {job.name} {reason}. Its whole log '
            f'is {log}. Run the same command again to continue from here.'
        )

    def _set_state(self, name: str, state: str) -> None:
        self.states[name] = state
        if not self.console.is_terminal:
            self.console.print(f'{name}: {state}')
        if state in (DONE, SKIPPED):
            self.ended(self._ended())

    def _stop(self) -> None:
        """Stop the running jobs, and what is left of their workers.

        A training saves a checkpoint before it ends.
        """
        for process in self._processes.values():
            process.terminate()
        for name, process in self._processes.items():
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_SAVE)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self._set_state(name, STOPPED)
        self._processes.clear()


def end_with_parent(parent: int) -> None:
    """Have Linux kill this process when its parent is gone.

    Args:
        parent (int): Process id of the parent.
    """
    if sys.platform == 'linux':
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # gone before that
            os._exit(1)

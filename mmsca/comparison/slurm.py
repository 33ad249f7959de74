"""Runs as a job array of Slurm, by submitit."""

import getpass
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mmsca.comparison.execute import AGAIN, work
from mmsca.comparison.progress import Progress, tail
from mmsca.comparison.run import Run
from mmsca.utils.errors import InputError

SECONDS = 2  # between two looks at the queue


def run_on_slurm(
    runs: Sequence[Run],
    parameters: dict[str, str],
    progress: Progress,
    ended: Callable[[Run], None],
    folder: Path,
) -> dict[str, str]:
    """Do runs as one job array; a signal that ends this cancels it.

    As :func:`mmsca.comparison.local.run_here`, with these arguments.

    Args:
        parameters (dict[str, str]): Named as options of sbatch: partition,
            time, gpus_per_node, array_parallelism, ...
        folder (Path): Gets scripts and logs of the jobs.

    Raises:
        InputError: If submitit or Slurm is missing, or Slurm refuses.
    """
    pending = submit(runs, parameters, folder)
    failures = {}
    try:
        while pending:
            time.sleep(SECONDS)
            states = queue()
            for job, run in list(pending.items()):
                if job.job_id in states:
                    progress.tell(run, *_where(run, states[job.job_id]))
                    continue
                del pending[job]
                if run.done():
                    progress.tell(run, '', 'done')
                    ended(run)
                else:
                    failures[run.name] = _reason(job, run)
                    progress.tell(run, '', 'failed')
    finally:
        for job in pending:
            job.cancel()
    return failures


def submit(
    runs: Sequence[Run], parameters: dict[str, str], folder: Path
) -> dict:
    """Job of submitit -> run, of one array."""
    try:
        import submitit
    except ImportError as error:
        raise InputError(
            "--slurm needs submitit: pip install 'mmsca[slurm]'."
        ) from error
    for run in runs:
        _ = run.stages  # built here, where an error is a sentence
    numbers = {k: int(v) if v.isdigit() else v for k, v in parameters.items()}
    try:
        executor = submitit.SlurmExecutor(folder=folder)
        executor.update_parameters(job_name='mmsca', **numbers)
        jobs = executor.map_array(work, runs)
    except (RuntimeError, ValueError, NameError, TypeError) as error:
        raise InputError(f'--slurm: {error}') from error
    except submitit.core.utils.FailedJobError as error:
        raise InputError(
            f'--slurm: Slurm refuses the jobs: {error}'
        ) from error
    return dict(zip(jobs, runs, strict=True))


def queue() -> dict[str, str]:
    """Job -> state, of all that wait or run.

    From the queue and not from the accounts, which some clusters lack.
    """
    command = ['squeue', '-h', '-r', '-o', '%i %T', '-u', getpass.getuser()]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise InputError(
            f'squeue says: {result.stderr.strip()}. Give the same command '
            'again when Slurm answers; the jobs are cancelled.'
        )
    return dict(line.split() for line in result.stdout.splitlines())


def _where(run: Run, state: str) -> tuple[str, str]:
    """Stage and state of a run whose job is in a state of Slurm."""
    if state != 'RUNNING':
        return '', state.lower()
    left = [stage.name for stage in run.stages if not stage.done()]
    return (left or [''])[0], 'running'


def _reason(job, run: Run) -> str:
    """Why a job that is no longer in the queue has left stages undone."""
    if job.paths.result_pickle.exists():
        return f'{job.exception()}\n\nThe job {job.job_id} failed.'
    log = job.paths.stderr
    return (
        f'{tail(log, lines=10)}\n\nThe job {job.job_id} of {run.name} was '
        f'cancelled or killed; its log is {log}. {AGAIN}'
    )

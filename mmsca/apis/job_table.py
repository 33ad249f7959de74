"""What a run of jobs looks like while it lasts."""

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from mmsca.apis.jobs import Job, JobRunner

# mmengine's logger puts `11/22 23:07:01 - mmengine - INFO - ` in front.
LOG_PREFIX = re.compile(r'^\d\d/\d\d \d\d:\d\d:\d\d - \w+ - \w+ - ')
ROWS = 30  # of a table that an ordinary terminal shows whole
ETA = re.compile(r'eta: (?:(\d+) days?, )?(\d+):(\d\d):(\d\d)')
STYLES = {
    'running': 'bold yellow',
    'done': 'green',
    'done before': 'green',
    'failed': 'bold red',
    'stopped': 'red',
}


def tail(log: Path, lines: int) -> str:
    """The last lines of a log that are not blank."""
    with log.open('rb') as f:
        f.seek(0, 2)
        f.seek(max(f.tell() - 20000, 0))
        text = f.read().decode(errors='replace')
    kept = [line for line in text.splitlines() if line.strip()]
    return '\n'.join(kept[-lines:])


def training_eta(text: str) -> float | None:
    """Seconds that mmengine's last log line of a training expects to take."""
    found = ETA.findall(text)
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found[-1])
    return timedelta(
        days=days, hours=hours, minutes=minutes, seconds=seconds
    ).total_seconds()


class JobTable:
    """The jobs of a runner as a table, drawn anew at every refresh.

    Args:
        runner (JobRunner): The run to show.
    """

    def __init__(self, runner: 'JobRunner') -> None:
        self.runner = runner

    def __rich__(self) -> Table:
        runner = self.runner
        ended = sum(s.startswith('done') for s in runner.states.values())
        title = f'{ended} of {len(runner.jobs)} jobs'
        if ended < len(runner.jobs):
            title += f', about {_clock(self.remaining())} left'
        table = Table(title=title, title_justify='left', expand=True)
        table.add_column('job', no_wrap=True)
        table.add_column('state', no_wrap=True)
        table.add_column('elapsed', justify='right', no_wrap=True)
        table.add_column('log', ratio=1, no_wrap=True, overflow='ellipsis')
        for job in self.shown():
            state = runner.states[job.name]
            seconds = runner.elapsed(job.name)
            line = ''
            if state == 'running':
                line = LOG_PREFIX.sub('', tail(runner.log_file(job), 1))
            table.add_row(
                job.name,
                f'[{STYLES.get(state, "dim")}]{state}[/]',
                '' if seconds is None else _clock(seconds),
                # A log line may hold square brackets, rich's markup.
                line.replace('[', r'\['),
            )
        return table

    def shown(self) -> list['Job']:
        """All jobs, or those around the ones that run if they are many."""
        jobs, states = self.runner.jobs, self.runner.states
        if len(jobs) <= ROWS:
            return jobs
        # What is done is counted in the title.
        left = [job for job in jobs if not states[job.name].startswith('done')]
        active = [job for job in left if states[job.name] != 'waiting']
        waiting = [job for job in left if states[job.name] == 'waiting']
        return [*active, *waiting][:ROWS]

    def remaining(self) -> float:
        """Seconds until the last job ends, if this machine is as it was."""
        runner = self.runner
        ended = [job for job in runner.jobs if job.name in runner.seconds]
        expected = sum(job.seconds for job in ended)
        # How much slower than expected this machine has been so far.
        pace = 1.0
        if expected:
            pace = sum(runner.seconds[job.name] for job in ended) / expected
        left = [self._remaining(job, pace) for job in runner.jobs]
        return max(sum(left) / runner.workers, *left)

    def _remaining(self, job: 'Job', pace: float) -> float:
        state = self.runner.states[job.name]
        if state == 'waiting':
            return job.seconds * pace
        if state != 'running':
            return 0.0
        eta = training_eta(tail(self.runner.log_file(job), 10))
        if eta is not None:
            return eta
        return max(job.seconds * pace - self.runner.elapsed(job.name), 0.0)


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))

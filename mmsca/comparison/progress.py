"""What a comparison looks like while it is measured."""

import re
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import mean
from threading import Lock

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mmsca.comparison.run import Run
from mmsca.comparison.stage import Stage

# mmengine's logger puts `11/22 23:07:01 - mmengine - INFO - ` in front.
LOG_PREFIX = re.compile(r'^\d\d/\d\d \d\d:\d\d:\d\d - \w+ - \w+ - ')
ETA = re.compile(r'eta: (?:(\d+) days?, )?(\d+):(\d\d):(\d\d)')
GUESS = 60.0  # seconds of a stage, before one of its name has ended
STYLES = dict(running='bold yellow', done='green', failed='bold red')


def tail(log: Path, lines: int) -> str:
    """The last lines of a log that are not blank."""
    if not log.exists():
        return ''
    with log.open('rb') as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - 20000, 0))
        text = file.read().decode(errors='replace')
    kept = [line for line in text.splitlines() if line.strip()]
    return '\n'.join(kept[-lines:])


def training_eta(text: str) -> float | None:
    """Seconds that mmengine's last log line of a training expects to take."""
    found = ETA.findall(text)
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found[-1])
    return ((days * 24 + hours) * 60 + minutes) * 60.0 + seconds


class Progress:
    """Runs and their states, drawn anew at every refresh.

    Args:
        runs (Sequence[Run]): Those to be done.
        workers (int): How many of them run at a time.
        console (Console): If it is no terminal, a change of state is a line.
    """

    def __init__(
        self, runs: Sequence[Run], workers: int, console: Console
    ) -> None:
        self.runs = {run.name: run for run in runs}
        self.workers = workers
        self.console = console
        self.states = dict.fromkeys(self.runs, ('', 'waiting'))
        self.since: dict[str, float] = {}
        self.lock = Lock()

    def tell(self, run: Run, stage: str, state: str) -> None:
        """Take note of the state of a run."""
        with self.lock:
            if self.states[run.name] == (stage, state):
                return
            self.states[run.name] = stage, state
            self.since[run.name] = time.monotonic()
        if not self.console.is_terminal:
            line = ' '.join(filter(None, [run.name, stage, state]))
            self.console.print(line, markup=False, highlight=False)

    def __rich__(self) -> Table:
        ended = sum(state == 'done' for _, state in self.states.values())
        title = f'{ended} of {len(self.runs)} runs'
        if ended < len(self.runs):
            title += f', about {_clock(self.remaining())} left'
        table = Table(title=title, title_justify='left', expand=True)
        for name in ('run', 'stage', 'state'):
            table.add_column(name, no_wrap=True)
        table.add_column('elapsed', justify='right', no_wrap=True)
        table.add_column('log', ratio=1, no_wrap=True, overflow='ellipsis')
        # A terminal cuts off the end: what is done goes there.
        for name, (stage, state) in sorted(
            self.states.items(), key=lambda item: item[1][1] == 'done'
        ):
            line = elapsed = ''
            if state == 'running':
                line = LOG_PREFIX.sub('', tail(self._log(name, stage), 1))
                elapsed = _clock(time.monotonic() - self.since[name])
            state = f'[{STYLES.get(state, "dim")}]{state}[/]'
            table.add_row(name, stage, state, elapsed, escape(line))
        return table

    def remaining(self) -> float:
        """Seconds until the last run ends, judged by the stages that did."""
        taken: dict[str, list[float]] = {}
        waiting: dict[str, list[Stage]] = {}
        for name, run in self.runs.items():
            waiting[name] = []
            for stage in run.stages:
                if ended := stage.done():
                    taken.setdefault(stage.name, []).append(ended['seconds'])
                else:
                    waiting[name].append(stage)
        left = [
            sum(self._expected(name, stage.name, taken) for stage in stages)
            for name, stages in waiting.items()
        ]
        return max(sum(left) / self.workers, *left, 0.0)

    def _expected(self, name: str, stage: str, taken: dict) -> float:
        usual = mean(taken.get(stage, [GUESS]))
        if self.states[name] != (stage, 'running'):
            return usual
        eta = training_eta(tail(self._log(name, stage), 10))
        if eta is not None:
            return eta
        return max(usual - time.monotonic() + self.since[name], 0.0)

    def _log(self, name: str, stage: str) -> Path:
        stages = {s.name: s for s in self.runs[name].stages}
        return stages[stage].folder / 'log.txt'


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))

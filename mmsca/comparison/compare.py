"""Measure a comparison and report on it: what tools/compare.py does."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.live import Live

from mmsca.comparison.execute import run_here, write_data
from mmsca.comparison.page import write_page
from mmsca.comparison.pictures import draw_pictures
from mmsca.comparison.progress import Progress
from mmsca.comparison.record import (
    accept_settings,
    is_measured,
    make_record,
    read_records,
    write_record,
)
from mmsca.comparison.report import Report, beside
from mmsca.comparison.run import Run, runs_of
from mmsca.comparison.slurm import run_on_slurm
from mmsca.comparison.table import Table
from mmsca.utils.errors import InputError


@dataclass
class Comparison:
    """A table, where its runs are done, and where its records lie.

    Args:
        table (Table): The comparison.
        work_dir (Path): Gets checkpoints and logs, and `report.html`; also
            records and reports, if the table names no place for them.
        small (bool): Measure the quick part, beside the records of the rest.
        console (Console): Where progress and scores are shown.

    Raises:
        InputError: If there is no quick part.
    """

    table: Table
    work_dir: Path
    small: bool = False
    console: Console | None = None

    def __post_init__(self) -> None:
        self.console = self.console or Console()
        self.whole = self.table
        if self.small:
            names, seeds = self.table.small
            if not names:
                raise InputError(
                    f"--small: the comparison '{self.table.name}' has no "
                    '`small`, the backbones and seeds of a quick part. Leave '
                    '--small out.'
                )
            self.table = self.table.subset(names, seeds)
        own = self.small or not self.table.records
        self.published = self.table.records or self.work_dir
        self.reports = self.work_dir if own else self.published
        self.name = 'report' if own else self.table.name

    @property
    def records(self) -> Path:
        """Folder of the records."""
        if self.reports == self.work_dir:
            return self.work_dir / 'records'
        return self.reports / self.table.name

    def measure(
        self,
        names: Sequence[str] | None = None,
        seeds: Sequence[int] | None = None,
        workers: int = 2,
        slurm: dict[str, str] | None = None,
        again: bool = False,
    ) -> dict[str, str]:
        """Do the runs that have no record yet.

        Args:
            names (Sequence[str], optional): Backbones; all by default.
            seeds (Sequence[int], optional): Seeds; all by default.
            workers (int): Number of runs at a time on this machine.
            slurm (dict[str, str], optional): Parameters of a job array that
                does them instead.
            again (bool): Also those whose published record is of other
                settings than today's.

        Returns:
            dict[str, str]: Name of a run that failed -> why.

        Raises:
            InputError: If there is no such backbone or seed, or the data is
                missing.
        """
        if self.table.data.written:  # which says what can be evaluated
            write_data(self.table)
        wanted = runs_of(self.table.subset(names, seeds), self.work_dir)
        runs = [run for run in wanted if not self._is_measured(run, again)]
        self.console.print(
            f'{self.table.name}: {len(wanted) - len(runs)} of {len(wanted)} '
            'runs have their record.',
            highlight=False,
        )
        if not runs:
            return {}
        write_data(self.table)
        progress = Progress(runs, workers, self.console)
        # Elsewhere each change of state is a line.
        live = nullcontext()
        if self.console.is_terminal:
            live = Live(progress, console=self.console)
        with live:
            if slurm is None:
                return run_here(runs, workers, progress, self._keep)
            folder = self.work_dir / 'slurm'
            return run_on_slurm(runs, slurm, progress, self._keep, folder)

    def accept(self) -> None:
        """Have today's settings count as those of all records."""
        for run in runs_of(self.table, self.work_dir):
            for record in read_records(self.records, run):
                accept_settings(record, run, self.records)

    def report(self) -> Path | None:
        """Write and print what the records say.

        Returns:
            Path | None: The Markdown file; None if there is no record.
        """
        report = self._report(self.table, self.records)
        if not report.rows:
            self.console.print(f'{self.table.name}: there are no records yet.')
            return None
        runs = runs_of(self.table, self.work_dir)
        pictures = draw_pictures(self.table, runs, self.work_dir / 'pictures')
        more = []
        if self.small:
            published = self._report(
                self.whole, self.published / self.table.name
            )
            if published.rows:
                more = beside(report, published)
        more += self._commands(report, pictures)
        file = report.write(self.reports, self.name, more)
        differences = file.with_suffix('.png')
        if report.differences():
            caption = 'Paired differences with their intervals.'
            pictures = {differences: caption} | pictures
        write_page(report, pictures, self.work_dir / 'report.html')
        self.console.print(report.terminal())
        for text in more[:2] if self.small else ():
            self.console.print(text, markup=False, highlight=False)
        return file

    def _is_measured(self, run: Run, again: bool) -> bool:
        records = read_records(self.records, run)
        if is_measured(records, run):
            return True
        # What is published stays until it is asked for again.
        kept = self.reports != self.work_dir and not again
        known = {c for record in records for c in record['scores']}
        return kept and bool(records) and known.issuperset(run.columns)

    def _keep(self, run: Run) -> None:
        write_record(make_record(run), self.records)

    def _report(self, table: Table, folder: Path) -> Report:
        runs = runs_of(table, self.work_dir)
        records = {run.name: read_records(folder, run) for run in runs}
        return Report(table, runs, records)

    def _commands(self, report: Report, pictures: dict) -> list[str]:
        """The last paragraphs: pictures, commands, and how to go on."""
        if self.reports != self.work_dir:
            return [
                '## Again',
                f'    python tools/compare.py configs/comparisons/'
                f'{self.table.name}.py',
                'does the runs that have no record. Records in '
                f'[{self.table.name}/]({self.table.name}) hold the commands '
                'of a run, their seconds,\nthe loss of each epoch, commit and '
                'settings.',
            ]
        parts = ['## Pictures'] if pictures else []
        parts += [
            f'![]({file.relative_to(self.work_dir)})\n\n{caption}'
            for file, caption in pictures.items()
        ]
        parts.append('## Commands')
        for row in report.rows:
            seed, record = next(iter(row.records.items()))
            lines = ['```bash', *record['commands'].values(), '```']
            parts += [f'{row.title}, seed {seed}:', '\n'.join(lines)]
        return parts

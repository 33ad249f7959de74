"""Measure a comparison and report on it: what tools/compare.py does."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import quote

from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown

from mmsca.comparison import markdown
from mmsca.comparison.data import prepare_data
from mmsca.comparison.local import run_here
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
from mmsca.comparison.report import Report
from mmsca.comparison.run import Run, runs_of
from mmsca.comparison.slurm import run_on_slurm
from mmsca.comparison.table import Table
from mmsca.utils.errors import InputError


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

    def __init__(
        self,
        table: Table,
        work_dir: Path,
        small: bool = False,
        console: Console | None = None,
    ) -> None:
        if small and not table.small:
            raise InputError(
                f"--small: the comparison '{table.name}' has no `small`, the "
                'backbones and seeds of a quick part. Leave --small out.'
            )
        self.whole, self.table = table, table
        if small:
            part = table.small
            self.table = table.subset(part['backbones'], part['seeds'])
        self.work_dir, self.small = work_dir, small
        self.console = console or Console()
        self.publishes = bool(table.records) and not small
        if self.publishes:
            self.file = table.records / f'{table.name}.md'
            self.records = table.records / table.name
        else:
            self.file = work_dir / 'report.md'
            self.records = work_dir / 'records'

    def measure(
        self,
        names: Sequence[str] = (),
        seeds: Sequence[int] = (),
        skip: Sequence[str] = (),
        workers: int = 2,
        slurm: dict[str, str] | None = None,
        again: bool = False,
    ) -> dict[str, str]:
        """Do the runs that have no record yet.

        Args:
            names (Sequence[str]): Backbones; all by default.
            seeds (Sequence[int]): Seeds; all by default.
            skip (Sequence[str]): Evaluations to leave out.
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
        table = self.table.subset(names, seeds, skip)
        # Its files say what can be evaluated.
        data_first = bool(table.data.written)
        if data_first:
            prepare_data(table)
        wanted = runs_of(table, self.work_dir)
        runs = [run for run in wanted if not self._is_measured(run, again)]
        self._say(
            f'{table.name}: {len(wanted) - len(runs)} of {len(wanted)} runs '
            'have their record.'
        )
        for evaluation in table.evaluations:
            if lacking := table.lacks(evaluation):
                where = f'{table.data_root} has no {", ".join(lacking)}'
                self._say(f'{evaluation.name} is left out: {where}.')
        if not runs:
            return {}
        if not data_first:
            prepare_data(table)
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
            self._say(f'{self.table.name}: there are no records yet.')
            return None
        file = self.file
        report.write_csv(file.with_suffix('.csv'))
        body = markdown.differences(report, file.stem)
        beside = []
        if self.small and self.whole.records:
            folder = self.whole.records / self.whole.name
            beside = markdown.beside(report, self._report(self.whole, folder))
        body += beside
        last = self._last(report)
        own = markdown.again(report) if self.publishes else last
        file.write_text(markdown.document(report, body + own), 'utf-8')
        write_page(
            self.table.title,
            markdown.document(report, body + last, links=True),
            file.parent,
            self.work_dir / 'report.html',
        )
        summary = markdown.summary(report) + beside[:2]
        self.console.print(Markdown('\n\n'.join(summary)))
        return file

    def _last(self, report: Report) -> list[str]:
        """Pictures and commands."""
        runs = runs_of(self.table, self.work_dir)
        pictures = draw_pictures(self.table, runs, self.work_dir / 'pictures')
        parts = ['## Pictures'] if pictures else []
        for picture, caption in pictures.items():
            place = quote(os.path.relpath(picture, self.file.parent))
            parts.append(f'![]({place})\n\n{caption}')
        return parts + markdown.commands(report)

    def _is_measured(self, run: Run, again: bool) -> bool:
        records = read_records(self.records, run)
        # What is published stays until it is asked for again.
        kept = self.publishes and not again
        return is_measured(records, run, any_settings=kept)

    def _keep(self, run: Run) -> None:
        write_record(make_record(run), self.records)

    def _report(self, table: Table, folder: Path) -> Report:
        runs = runs_of(table, self.work_dir)
        records = {run.name: read_records(folder, run) for run in runs}
        return Report(table, runs, records)

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False)

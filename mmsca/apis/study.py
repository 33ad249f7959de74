"""Tables of arms over paired seeds, of which small records remain.

What has a record is not run again, with or without its checkpoints; tables
and plots are made from records alone.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mmsca.apis.arm_jobs import scenes_job
from mmsca.apis.comparison import Run, paired
from mmsca.apis.jobs import Job, JobRunner
from mmsca.apis.records import (
    changes,
    identity,
    make_record,
    read_json,
    record_file,
    write_whole,
)
from mmsca.apis.study_table import (
    Table,
    check_selection,
    known_tables,
    read_tables,
)
from mmsca.utils.errors import InputError
from mmsca.visualization.study_report import (
    published_section,
    study_tables,
    write_study_report,
)

RECORDS = Path('docs/study')


class Study:
    """Runs tables and reports on them.

    Args:
        tables (Sequence[Path]): Configs such as those of configs/study/,
            which are the default; of those, one without its data is skipped.
        small (bool): Run the small subset of each table that has one, keep
            its records in the work directory, and report beside those of
            `records`.
        arms (Sequence[str], optional): Run these arms only.
        seeds (Sequence[int], optional): Run these seeds only.
        work_dir (Path, optional): Gets checkpoints and logs. Defaults to
            `work_dirs/study`, or `work_dirs/study_small` with `small`.
        records (Path): Gets `<table>.md`, `.csv` and `.png`, and the records
            in `<table>/`.
        workers (int): Number of jobs at a time, one thread each.
        console (Console, optional): Where progress and scores are shown.

    Raises:
        InputError: If a table is missing or names what does not exist, two
            have one name or want other scenes in one folder, one that was
            asked for has no small subset, or no table has one of the arms or
            seeds.
    """

    def __init__(
        self,
        tables: Sequence[Path] = (),
        small: bool = False,
        arms: Sequence[str] | None = None,
        seeds: Sequence[int] | None = None,
        work_dir: Path | None = None,
        records: Path = RECORDS,
        workers: int = 2,
        console: Console | None = None,
    ) -> None:
        self.named = bool(tables)
        whole = read_tables(tables or known_tables())
        self.whole = {table.name: table for table in whole}
        self.tables = self._small(whole) if small else whole
        check_selection(self.tables, arms, seeds)
        self.arms, self.seeds = arms, seeds
        # Tables that share a data set have it written once.
        self.scenes: dict[Path, Job] = {}
        for table in self.tables:
            if not table.suite.folders:
                name = f'{table.name}_scenes'
                job = scenes_job(table.data_root, table.scenes_args, name)
                self.scenes.setdefault(table.data_root, job)
        default = 'work_dirs/study_small' if small else 'work_dirs/study'
        self.work_dir = Path(work_dir or default)
        self.published = Path(records)
        self.records = self.work_dir / 'records' if small else self.published
        self.small = small
        self.workers = workers
        self.console = console or Console()

    def run(self) -> list[Path]:
        """Run what has no record yet, then report.

        Returns:
            list[Path]: The reports, Markdown.

        Raises:
            InputError: If a table that was asked for lacks its data.
            JobError: If a job fails.
        """
        pending: list[tuple[Table, Run, list[Job]]] = []
        jobs: dict[str, Job] = {}
        for table in self.tables:
            runs = self._pending(table)
            if not runs or not self._has_data(table):
                continue
            if scenes := self.scenes.get(table.data_root):
                jobs[scenes.name] = scenes
            for run in runs:
                self._prepare(table, run)
                own = run.jobs()
                pending.append((table, run, own))
                jobs |= {job.name: job for job in own}

        def keep(ended: set[str]) -> None:
            """Write the records of the runs that are finished."""
            for entry in list(pending):
                table, run, own = entry
                if ended.issuperset(job.name for job in own):
                    self._write_record(table, run)
                    pending.remove(entry)

        if jobs:
            runner = JobRunner(
                list(jobs.values()),
                self.work_dir,
                self.workers,
                self.console,
                ended=keep,
            )
            runner.run()
        return self.report()

    def report(self) -> list[Path]:
        """Write and print the tables of all records that are there.

        Returns:
            list[Path]: The reports, Markdown.
        """
        reports = []
        for table in self.tables:
            records = self._valid(table, self.records)
            if not records:
                self._say(f'{table.name}: there are no records yet.')
                continue
            more = []
            if self.small:
                whole = self.whole[table.name]
                published = self._valid(whole, self.published)
                more = published_section(records, published)
            reports.append(
                write_study_report(self.records, table, records, more)
            )
            self.console.print(study_tables(table, records))
            for text in more:
                self._say(text)
        return reports

    def _small(self, tables: list[Table]) -> list[Table]:
        """The quick subsets.

        Raises:
            InputError: If a table that was asked for has none.
        """
        without = [table.name for table in tables if not table.small_arms]
        if self.named and without:
            raise InputError(
                f'--small: the table {", ".join(without)} has no `small`, the '
                'arms and seeds of a quick run; see '
                'configs/study/materials.py. Leave out --small.'
            )
        return [
            table.subset(table.small_arms, table.small_seeds)
            for table in tables
            if table.small_arms
        ]

    def _runs(self, table: Table) -> list[Run]:
        """Those of a table; one seed of every arm before the next seed."""
        scenes = self.scenes.get(table.data_root)
        return [
            Run(
                arm,
                seed,
                table.suite,
                table.data_root,
                self.work_dir / table.name,
                f'{table.name}_',
                after=(scenes.name,) if scenes else (),
            )
            for arm, seed in paired(table.arms)
        ]

    def _pending(self, table: Table) -> list[Run]:
        """Runs that are asked for and have no record of today's configs."""
        runs, wanted = [], 0
        for run in self._runs(table):
            if self.arms is not None and run.arm.name not in self.arms:
                continue
            if self.seeds is not None and run.seed not in self.seeds:
                continue
            wanted += 1
            record = read_json(record_file(self.records / table.name, run))
            if not record or self._is_old(table, run, record):
                runs.append(run)
                continue
            metrics = run.suite.columns(run.arm.detection)
            if missing := [m for m in metrics if m not in record['scores']]:
                self._say(f'{run.name}: the record has no {missing}.')
                runs.append(run)
        done = wanted - len(runs)
        self._say(f'{table.name}: {done} of {wanted} runs have their record.')
        return runs

    def _valid(self, table: Table, folder: Path) -> list[dict]:
        """The records that belong to today's configs."""
        records = []
        for run in self._runs(table):
            record = read_json(record_file(folder / table.name, run))
            if record and not self._is_old(table, run, record):
                records.append(record)
        return records

    def _is_old(self, table: Table, run: Run, record: dict) -> bool:
        """Whether a record belongs to other configs, which is said."""
        changed = changes(record, identity(run, table.scenes_args))
        if changed:
            self._say(
                f'{run.name}: the record is from before a change '
                f'({", ".join(changed)}) and does not count.'
            )
        return bool(changed)

    def _prepare(self, table: Table, run: Run) -> None:
        """Begin anew where checkpoints are those of other configs."""
        new = identity(run, table.scenes_args)
        kept = run.folder / 'identity.json'
        old = read_json(kept)
        if old and (changed := changes(old, new)):
            self._say(
                f'{run.name}: {run.folder} is from before a change '
                f'({", ".join(changed)}) and begins anew.'
            )
            shutil.rmtree(run.folder)
        run.keep_config()
        write_whole(new, kept)

    def _write_record(self, table: Table, run: Run) -> None:
        record = make_record(table.name, run, table.scenes_args, self.work_dir)
        write_whole(record, record_file(self.records / table.name, run))

    def _has_data(self, table: Table) -> bool:
        """Whether the data set is there or can be written.

        Raises:
            InputError: If not, and the table was asked for.
        """
        suite, root = table.suite, table.data_root
        if all((root / folder).is_dir() for folder in suite.folders):
            return True
        message = (
            f"The table '{table.name}' needs {suite.title} in '{root}', as "
            f'the folders {", ".join(suite.folders)}. {suite.guide} shows how '
            'to make them.'
        )
        if self.named:
            raise InputError(message)
        self._say(f'Skipped: {message}')
        return False

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False)

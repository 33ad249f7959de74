"""What the records of a comparison say."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from mmsca.comparison.record import changed_settings
from mmsca.comparison.run import Run
from mmsca.comparison.statistics import Scores, SeedScores, paired_difference
from mmsca.comparison.table import Table


@dataclass
class Row:
    """Records of one backbone under the same settings.

    Args:
        backbone (str): Its name.
        title (str): Its title, with a mark if settings differ from today's.
        changed (list[str]): The stages whose settings differ.
        settings (dict[str, str]): Stage -> digits.
        records (dict[int, dict]): Seed -> record.
    """

    backbone: str
    title: str
    changed: list[str]
    settings: dict[str, str]
    records: dict[int, dict] = field(default_factory=dict)

    @property
    def scores(self) -> SeedScores:
        """Seed -> column -> percentage."""
        return {seed: r['scores'] for seed, r in self.records.items()}

    def add(self, record: dict) -> None:
        """Take a record; of two of a seed, the columns of both count."""
        old = self.records.get(record['seed'], {})
        for key in ('scores', 'seconds', 'commands'):
            record = record | {key: old.get(key, {}) | record[key]}
        self.records[record['seed']] = record

    def comparable(self, other: 'Row') -> bool:
        """Whether both were evaluated under the same settings, or today's.

        Backbones of timm have evaluations of their own, meant to compare.
        """
        return not (self.changed or other.changed) or all(
            digits == other.settings.get(stage, digits)
            for stage, digits in self.settings.items()
            if stage != 'pretrain'
        )


class Report:
    """What the records of a comparison say.

    Args:
        runs (Sequence[Run]): Runs of the table, with today's settings.
        records (dict[str, list[dict]]): Name of a run -> its records.
    """

    def __init__(
        self, table: Table, runs: Sequence[Run], records: dict[str, list[dict]]
    ) -> None:
        self.table = table
        self.rows = list(_rows(table, runs, records))
        shown = [r for row in self.rows for r in row.scores.values()]
        self.columns = [
            column
            for column in table.columns
            if any(column in scores for scores in shown)
        ]

    @property
    def records(self) -> list[dict]:
        """Those of all rows."""
        return [r for row in self.rows for r in row.records.values()]

    def scores(self) -> Scores:
        """Title of a row -> seed -> column -> percentage."""
        return {row.title: row.scores for row in self.rows}

    def baselines(self) -> dict[str, dict[str, float]]:
        """Title -> column -> percentage that no backbone has a part in."""
        found = {}
        for record in self.records:
            found |= record.get('baselines', {})
        return found

    def differences(self) -> Scores:
        """Differences of the pairs that share seeds, by their titles."""
        found = {}
        for pair in self.table.compare:
            for first, second in product(self.rows, repeat=2):
                names = (first.backbone, second.backbone)
                if names == pair and first.comparable(second):
                    label = f'{first.title} − {second.title}'
                    found[label.replace(' (control)', '')] = paired_difference(
                        first.scores, second.scores
                    )
        return {label: seeds for label, seeds in found.items() if seeds}

    def machines(self) -> str:
        """What the pretrainings ran on, each kind once."""
        kinds: dict[bool, dict[str, None]] = {True: {}, False: {}}
        for record in self.records:
            machine, pretrained = record['machine'], bool(record['loss'])
            kind = f'{machine["gpu"] or machine["cpu"]}, torch '
            kind += machine['torch']
            if pretrained:
                precision = 'bf16' if machine['bf16'] else 'fp32'
                kind += f', pretraining in {precision}'
            kinds[pretrained][kind] = None
        return f'Machine: {"; ".join(kinds[True] or kinds[False])}.'

    def write_csv(self, file: Path) -> None:
        """Every single value, one a line."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open('w', newline='', encoding='utf-8') as stream:
            writer = csv.writer(stream, lineterminator='\n')
            writer.writerow(['backbone', 'seed', 'metric', 'value'])
            for row in self.rows:
                name = row.backbone
                if row.changed:
                    name += f' ({", ".join(row.changed)} differs)'
                writer.writerows(
                    [name, seed, column, scores[column]]
                    for seed, scores in row.scores.items()
                    for column in self.columns
                    if column in scores
                )


def _rows(
    table: Table, runs: Sequence[Run], records: dict[str, list[dict]]
) -> Iterator[Row]:
    """Rows in the order of the table; today's settings before others."""
    for backbone in table.backbones:
        rows: dict[tuple, Row] = {}
        mark = ' (control)' if backbone.name == table.control else ''
        for run in runs:
            if run.backbone.name != backbone.name:
                continue
            for record in records.get(run.name, ()):
                changed = changed_settings(record, run)
                settings = run.settings | record['settings']
                key = tuple(settings.items()) if changed else ()
                new = Row(backbone.name, '', changed, settings)
                rows.setdefault(key, new).add(record)
        order = sorted(rows.values(), key=lambda row: bool(row.changed))
        for index, row in enumerate(order):
            dagger = '†' * (index + bool(order[0].changed))
            row.title = f'{backbone.title}{mark}{dagger}'
            yield row

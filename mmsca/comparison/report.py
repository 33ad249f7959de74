"""The report on a comparison, from its records."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import TextWrapper

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.markdown import Markdown

from mmsca.comparison.record import changed_settings
from mmsca.comparison.run import Run
from mmsca.comparison.statistics import (
    INTERVALS,
    Scores,
    SeedScores,
    cells,
    interval,
    marked_cells,
    paired_difference,
    t_interval,
    values_of,
)
from mmsca.comparison.table import Table

# So that neither a hyphen nor a long path splits a word.
wrap = TextWrapper(79, break_long_words=False, break_on_hyphens=False).fill


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

    def comparable(self, other: 'Row') -> bool:
        """Whether both were evaluated under the same settings."""
        return all(
            digits == other.settings.get(stage, digits)
            for stage, digits in self.settings.items()
            if stage != 'pretrain'
        )


class Report:
    """What the records of a comparison say.

    Args:
        table (Table): The comparison.
        runs (Sequence[Run]): Its runs, with today's settings.
        records (dict[str, list[dict]]): Name of a run -> its records.
    """

    def __init__(
        self,
        table: Table,
        runs: Sequence[Run],
        records: dict[str, list[dict]],
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
        """Scores that no backbone has a part in, as a seed each."""
        found: dict[str, dict] = {}
        for record in self.records:
            for title, row in record.get('baselines', {}).items():
                found[title] = row
        return found

    def differences(self) -> Scores:
        """Differences of the pairs that share seeds, by their titles."""
        found = {}
        for name, reference in self.table.compare:
            for first in self.rows:
                for second in self.rows:
                    pair = (first.backbone, second.backbone)
                    if pair == (name, reference) and first.comparable(second):
                        label = f'{_plain(first)} − {_plain(second)}'
                        found[label] = paired_difference(
                            first.scores, second.scores
                        )
        return {label: seeds for label, seeds in found.items() if seeds}

    def score_rows(self) -> list[list[str]]:
        """Head and rows of the table of scores."""
        texts = cells(self.scores(), self.columns)
        rows = [['pretraining', 'seeds', *self.columns]]
        for row in self.rows:
            seeds = str(len(row.records))
            rows.append([row.title, seeds, *texts[row.title]])
        for title, values in self.baselines().items():
            texts = [values.get(column) for column in self.columns]
            texts = ['' if v is None else f'{v:.1f}' for v in texts]
            rows.append([title, '', *texts])
        return rows

    def difference_rows(self) -> list[list[str]]:
        """Head and rows of the table of differences."""
        differences = self.differences()
        texts = marked_cells(differences, self.columns)
        rows = [['difference', 'seeds', *self.columns]]
        for label, seeds in differences.items():
            rows.append([label, str(len(seeds)), *texts[label]])
        return rows

    def terminal(self) -> Markdown:
        """Scores and differences for a terminal."""
        tables = [self.score_rows(), self.difference_rows()]
        texts = [markdown_table(rows) for rows in tables if len(rows) > 1]
        title = f'{self.table.title}, {self.table.split} split, %'
        return Markdown('\n\n'.join([title, *texts]))

    def explanations(self) -> list[str]:
        """What the numbers of the table are."""
        table = self.table
        several = any(len(row.records) > 1 for row in self.rows)
        text = f'{"Means over seeds in" if several else "In"} percent on the '
        text += f'{table.split} split'
        if several:
            text += '; ± is half the width of the 95 % t-interval, which a '
            text += 'single seed does not have'
        texts = [f'{text}. {table.explanation}']
        for row in self.rows:
            if row.changed:
                commits = {r['commit'] for r in row.records.values()}
                known = ', '.join(sorted(filter(None, commits)))
                texts.append(
                    f"{row.title}: measured with other settings than today's "
                    f'({", ".join(row.changed)}), at commit '
                    f'{known or "not recorded"}.'
                )
        return texts

    def machines(self) -> str:
        """What the runs ran on, each kind once."""
        kinds = {}
        for record in self.records:
            machine = record['machine']
            kind = f'{machine["gpu"] or machine["cpu"]}, '
            kind += f'torch {machine["torch"]}'
            kinds.setdefault(kind, set())
            if 'pretrain' in record['commands']:
                kinds[kind].add('bf16' if machine['bf16'] else 'fp32')
        texts = [
            ', pretraining in '.join(
                filter(None, [kind, ' and '.join(sorted(precisions))])
            )
            for kind, precisions in kinds.items()
        ]
        return f'Machine: {"; ".join(texts)}.'

    def write(self, folder: Path, name: str, more: Sequence[str]) -> Path:
        """Write `<name>.md`, `<name>.csv` and `<name>.png`.

        Args:
            folder (Path): Where to write.
            name (str): Stem of the files.
            more (Sequence[str]): Further paragraphs.

        Returns:
            Path: The Markdown file.
        """
        folder.mkdir(parents=True, exist_ok=True)
        report = folder / f'{name}.md'
        self._write_csv(report.with_suffix('.csv'))
        table, differences = self.table, self.differences()
        parts = [f'# {table.title}']
        if table.note:
            parts.append(f'**{table.note}**')
        parts += [
            wrap(
                f'{len(self.records)} runs on {table.data.title}. '
                f'{self.machines()}'
            ),
            '## Scores',
            markdown_table(self.score_rows()),
            *map(wrap, self.explanations()),
        ]
        if differences:
            plot_differences(
                differences, self.columns, report.with_suffix('.png')
            )
            parts += [
                '## Differences',
                markdown_table(self.difference_rows()),
                wrap(
                    'Mean differences in percentage points, paired by seed, '
                    'over the seeds that both have, with 95 % t-intervals. '
                    f'{INTERVALS}'
                ),
                f'![]({name}.png)',
                wrap(
                    'Mean differences with their intervals (squares), and the '
                    f'single seeds (dots). Every single score is in [{name}'
                    f'.csv]({name}.csv).'
                ),
            ]
        parts += more
        report.write_text('\n\n'.join(parts) + '\n', encoding='utf-8')
        return report

    def _write_csv(self, file: Path) -> None:
        """Every single value, one a line."""
        with file.open('w', newline='', encoding='utf-8') as stream:
            writer = csv.writer(stream, lineterminator='\n')
            writer.writerow(['backbone', 'seed', 'metric', 'value'])
            for row in self.rows:
                name = row.backbone
                if row.changed:
                    name += f' ({", ".join(row.changed)} differs)'
                for seed, scores in row.scores.items():
                    for column in self.columns:
                        if column in scores:
                            writer.writerow(
                                [name, seed, column, scores[column]]
                            )


def beside(report: Report, published: Report) -> list[str]:
    """Paragraphs that put scores beside those that are published.

    Args:
        report (Report): Of the quick part.
        published (Report): Of the whole table.
    """
    rows = [['backbone', 'seed', 'metric', 'here', 'published', 'all seeds']]
    others = {row.backbone: row.scores for row in published.rows}
    for row in report.rows:
        there = others.get(row.backbone, {})
        for seed, scores in row.scores.items():
            for column, value in scores.items():
                values = values_of(there, column)
                span = ''
                if values:
                    span = f'{min(values):.1f} to {max(values):.1f}'
                    span += f' ({len(values)})'
                known = interval(values_of({0: there.get(seed, {})}, column))
                here = f'{value:.1f}'
                rows.append(
                    [row.backbone, str(seed), column, here, known, span]
                )
    return [
        '## Beside the published records',
        markdown_table(rows, left=3),
        wrap(
            'Here: this run. Published: the record of the same backbone and '
            'seed. All seeds: the lowest and the highest published score of '
            'that backbone, and their number. The same seed gives other '
            'decimals on another processor or version of torch; how far apart '
            'seeds are tells what such a difference means.'
        ),
    ]


def markdown_table(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A Markdown table.

    Args:
        rows (Sequence[Sequence[str]]): Cells; the first row is the head.
        left (int): Number of columns of text. The others are numbers.
    """
    head, *body = rows
    rule = ['---'] * left + ['---:'] * (len(head) - left)
    return '\n'.join(f'| {" | ".join(row)} |' for row in [head, rule, *body])


def plot_differences(
    differences: Scores, columns: Sequence[str], out_file: Path
) -> None:
    """Draw paired differences, a panel per column.

    Args:
        differences (Scores): Name of a pair -> seed -> column -> percentage
            points.
        columns (Sequence[str]): The panels, one or more.
        out_file (Path): PNG to write.
    """
    names = list(differences)
    figure = Figure(figsize=(11, 1.5 + 0.5 * len(names)), layout='constrained')
    grid = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    for axes, column in zip(grid, columns, strict=True):
        axes.axvline(0, color='black', linewidth=1)
        for y, name in enumerate(names):
            if values := values_of(differences[name], column):
                _draw_difference(axes, y, values)
        axes.set_title(column)
        axes.grid(axis='x', alpha=0.3)
    # The first one on top.
    grid[0].set_yticks(range(len(names)), names)
    grid[0].set_ylim(len(names), -1)
    figure.supxlabel('paired difference, percentage points')
    figure.savefig(out_file, dpi=150)


def _draw_difference(axes: Axes, y: int, values: list[float]) -> None:
    """The single seeds as dots, below their mean and its interval."""
    mean, half = t_interval(values)
    axes.errorbar(mean, y, xerr=half, fmt='s', color='tab:blue', capsize=4)
    axes.plot(values, [y + 0.2] * len(values), 'o', color='gray', markersize=3)


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
                row = rows.setdefault(
                    key, Row(backbone.name, '', changed, settings)
                )
                _add(row, record)
        order = sorted(rows.values(), key=lambda row: bool(row.changed))
        for index, row in enumerate(order):
            dagger = '†' * (index + bool(order[0].changed))
            row.title = f'{backbone.title}{mark}{dagger}'
            yield row


def _add(row: Row, record: dict) -> None:
    """Put a record into a row; of two that agree, columns of both count."""
    old = row.records.get(record['seed'])
    if old:
        record = record | {
            key: old[key] | record[key]
            for key in ('scores', 'seconds', 'commands')
        }
    row.records[record['seed']] = record


def _plain(row: Row) -> str:
    return row.title.replace(' (control)', '')

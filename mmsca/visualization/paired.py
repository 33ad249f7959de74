"""What several seeds say about the arms of a comparison.

Scores are nested dicts: name of an arm -> seed -> metric -> percentage. A
seed pairs the arms that have it. Arms may lack seeds, and runs metrics.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.table import Table
from scipy import stats

CONFIDENCE = 0.95

SeedScores = dict[int, dict[str, float]]
Scores = dict[str, SeedScores]

INTERVALS = """\
Two seeds give wide intervals: ± is 12.7 standard errors, with five seeds \
2.8. A seed sets initial weights, order and crops; the images are the same \
for all. The intervals are not corrected for the number of comparisons."""


def t_interval(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and half the width of its t-interval.

    Args:
        values (Sequence[float]): One or more independent measurements.

    Returns:
        tuple[float, float | None]: The mean, and half the width of the
        interval of :data:`CONFIDENCE`; None for a single measurement.
    """
    mean = float(np.mean(values))
    if len(values) == 1:
        return mean, None
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
    return mean, float(quantile * stats.sem(values))


def paired_difference(scores: Scores, name: str, reference: str) -> SeedScores:
    """Scores of an arm minus those of another at the same seed.

    Args:
        scores (Scores): Of all arms.
        name (str): One of them.
        reference (str): Another one.

    Returns:
        SeedScores: Of the seeds and metrics that both have, in percentage
        points.
    """
    others = scores[reference]
    return {
        seed: {m: row[m] - others[seed][m] for m in row if m in others[seed]}
        for seed, row in scores[name].items()
        if seed in others
    }


def paired_differences(scores: Scores, control: str) -> Scores:
    """Differences of all other arms to the control."""
    return {
        name: paired_difference(scores, name, control)
        for name in scores
        if name != control
    }


def metrics_of(scores: Scores) -> list[str]:
    """The metrics that any arm has, in the order of the first that does."""
    rows = (row for seeds in scores.values() for row in seeds.values())
    return list(dict.fromkeys(metric for row in rows for metric in row))


def values_of(scores: Scores, name: str, metric: str) -> list[float]:
    """One value per seed that has it."""
    rows = scores[name].values()
    return [row[metric] for row in rows if metric in row]


def format_interval(mean: float, half: float | None, sign: str = '') -> str:
    """Such as `+1.2 ± 3.4`; `sign` is that of a format specification."""
    text = f'{mean:{sign}.1f}'
    return text if half is None else f'{text} ± {half:.1f}'


def cells(
    scores: Scores, name: str, metrics: Sequence[str], sign: str = ''
) -> list[str]:
    """The intervals of an arm, one text per metric, blank if it has none."""
    texts = []
    for metric in metrics:
        values = values_of(scores, name, metric)
        interval = values and format_interval(*t_interval(values), sign)
        texts.append(interval or '')
    return texts


def scores_table(
    title: str, scores: Scores, metrics: Sequence[str], sign: str = ''
) -> Table:
    """Intervals for the terminal, a row per arm."""
    # Long names fold, so that it fits 79 columns.
    table = Table(
        title=title,
        title_justify='left',
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column('config', overflow='fold')
    for column in metrics:
        table.add_column(column, justify='right', no_wrap=True)
    for name in scores:
        table.add_row(name, *cells(scores, name, metrics, sign))
    return table


def markdown_table(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A Markdown table.

    Args:
        rows (Sequence[Sequence[str]]): Cells; the first row is the head.
        left (int): Number of columns of text. The others are numbers.
    """
    head, *body = rows
    rule = ['---'] * left + ['---:'] * (len(head) - left)
    return '\n'.join(f'| {" | ".join(row)} |' for row in [head, rule, *body])


def write_csv(scores: Scores, out_file: Path, arm: str = 'config') -> None:
    """Write every single value, one a line.

    Args:
        scores (Scores): Of all arms.
        out_file (Path): CSV to write.
        arm (str): Head of the column of their names.
    """
    with out_file.open('w', newline='', encoding='utf-8') as f:
        writer = csv.writer(f, lineterminator='\n')
        writer.writerow([arm, 'seed', 'metric', 'value'])
        for name, seeds in scores.items():
            for seed, row in seeds.items():
                writer.writerows([name, seed, *item] for item in row.items())


def plot_differences(
    differences: Scores, metrics: Sequence[str], label: str, out_file: Path
) -> None:
    """Draw paired differences, a panel per metric.

    Args:
        differences (Scores): Name of a pair -> seed -> metric -> percentage
            points.
        metrics (Sequence[str]): The panels, one or more.
        label (str): What lies along the axis.
        out_file (Path): PNG to write.
    """
    names = list(differences)
    figure = Figure(figsize=(11, 1.5 + 0.5 * len(names)), layout='constrained')
    grid = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    for axes, metric in zip(grid, metrics, strict=True):
        axes.axvline(0, color='black', linewidth=1)
        for y, name in enumerate(names):
            if values := values_of(differences, name, metric):
                _draw_difference(axes, y, values)
        axes.set_title(metric)
        axes.grid(axis='x', alpha=0.3)
    # The first one on top.
    grid[0].set_yticks(range(len(names)), names)
    grid[0].set_ylim(len(names), -1)
    figure.supxlabel(label)
    figure.savefig(out_file, dpi=150)


def _draw_difference(axes: Axes, y: int, values: list[float]) -> None:
    """The single seeds as dots, below their mean and its interval."""
    mean, half = t_interval(values)
    axes.errorbar(mean, y, xerr=half, fmt='s', color='tab:blue', capsize=4)
    axes.plot(values, [y + 0.2] * len(values), 'o', color='gray', markersize=3)

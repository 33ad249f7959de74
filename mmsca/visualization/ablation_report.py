"""What several seeds say about variants of a pretraining.

Scores are nested dicts: name of a variant -> seed -> metric -> percentage.
Every variant has the same seeds; that pairs them. All have the same metrics.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Group
from rich.table import Table
from scipy import stats

CONFIDENCE = 0.95

Scores = dict[str, dict[int, dict[str, float]]]

EXPLANATION = """\
All numbers are percentages on the test split, or differences of them. kNN \
and linear: top-1 accuracy of nearest neighbours and of a linear classifier \
on frozen features. MaxBoxAccV2, pointing: Grad-CAM of that linear \
classifier, its thresholds chosen on val. Box and mask AP, where they stand: \
Mask R-CNN fine-tuned from the backbone, COCO AP at IoU 0.50:0.95.

± is half the width of the 95 % t-interval of the mean over seeds; one seed \
has none. Δ is the mean difference to the control, paired by seed. Two seeds \
give wide intervals: ± is 12.7 standard errors, with five seeds 2.8. A seed \
sets initial weights, order and crops; the scenes are the same for all. The \
intervals are not corrected for the number of comparisons."""


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


def paired_differences(scores: Scores, control: str) -> Scores:
    """Scores minus those of the control at the same seed.

    Args:
        scores (Scores): Of all variants.
        control (str): One of them.

    Returns:
        Scores: Of all variants but the control, in percentage points.
    """
    reference = scores[control]
    return {
        name: {
            seed: {m: row[m] - reference[seed][m] for m in row}
            for seed, row in seeds.items()
        }
        for name, seeds in scores.items()
        if name != control
    }


def metrics_of(scores: Scores) -> list[str]:
    """The metrics that every variant has."""
    seeds = next(iter(scores.values()))
    return list(next(iter(seeds.values())))


def values_of(scores: Scores, name: str, metric: str) -> list[float]:
    """One value per seed."""
    return [row[metric] for row in scores[name].values()]


def format_interval(mean: float, half: float | None, sign: str = '') -> str:
    """Such as `+1.2 ± 3.4`; `sign` is that of a format specification."""
    text = f'{mean:{sign}.1f}'
    return text if half is None else f'{text} ± {half:.1f}'


def cells(scores: Scores, name: str, sign: str = '') -> list[str]:
    """The intervals of a variant, one text per metric."""
    return [
        format_interval(*t_interval(values_of(scores, name, metric)), sign)
        for metric in metrics_of(scores)
    ]


def ablation_table(scores: Scores, control: str) -> Group:
    """Scores, and differences to the control, for the terminal."""
    return Group(
        _table('MaterialScenes, test split, %', scores),
        '',
        _table(
            f'difference to {control}',
            paired_differences(scores, control),
            sign='+',
        ),
    )


def _table(title: str, scores: Scores, sign: str = '') -> Table:
    # Long names fold, so that it fits 79 columns.
    table = Table(
        title=title,
        title_justify='left',
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column('config', overflow='fold')
    for column in metrics_of(scores):
        table.add_column(column, justify='right', no_wrap=True)
    for name in scores:
        table.add_row(name, *cells(scores, name, sign))
    return table


def ablation_markdown(scores: Scores, control: str) -> str:
    """Scores and differences to the control as one Markdown table."""
    differences = paired_differences(scores, control)
    columns = metrics_of(scores)
    lines = [
        ['config', *columns, *(f'Δ {column}' for column in columns)],
        ['---', *['---:'] * (2 * len(columns))],
    ]
    for name in scores:
        changes = ['control'] * len(columns)
        if name != control:
            changes = cells(differences, name, sign='+')
        lines.append([name, *cells(scores, name), *changes])
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def write_csv(scores: Scores, out_file: Path) -> None:
    """Write every single value, one a line."""
    with out_file.open('w', newline='', encoding='utf-8') as f:
        writer = csv.writer(f, lineterminator='\n')
        writer.writerow(['config', 'seed', 'metric', 'value'])
        for name, seeds in scores.items():
            for seed, row in seeds.items():
                writer.writerows([name, seed, *item] for item in row.items())


def plot_differences(scores: Scores, control: str, out_file: Path) -> None:
    """Draw the differences to the control, a panel per metric.

    Args:
        scores (Scores): Of all variants.
        control (str): One of them; the line at zero.
        out_file (Path): PNG to write.
    """
    differences = paired_differences(scores, control)
    names, columns = list(differences), metrics_of(scores)
    figure = Figure(figsize=(11, 1.5 + 0.5 * len(names)), layout='constrained')
    grid = figure.subplots(1, len(columns), sharey=True)
    for axes, metric in zip(grid, columns, strict=True):
        axes.axvline(0, color='black', linewidth=1)
        for y, name in enumerate(names):
            _draw_difference(axes, y, values_of(differences, name, metric))
        axes.set_title(metric)
        axes.grid(axis='x', alpha=0.3)
    # The first one on top.
    grid[0].set_yticks(range(len(names)), names)
    grid[0].set_ylim(len(names), -1)
    figure.supxlabel(f'difference to {control}, percentage points')
    figure.savefig(out_file, dpi=150)


def _draw_difference(axes: Axes, y: int, values: list[float]) -> None:
    """The single seeds as dots, below their mean and its interval."""
    mean, half = t_interval(values)
    axes.errorbar(mean, y, xerr=half, fmt='s', color='tab:blue', capsize=4)
    axes.plot(values, [y + 0.2] * len(values), 'o', color='gray', markersize=3)


def write_ablation_report(
    work_dir: Path,
    scores: Scores,
    control: str,
    commands: dict[str, list[str]],
) -> Path:
    """Write `ablation.md`, `ablation.csv` and `ablation.png`.

    Args:
        work_dir (Path): Where to write.
        scores (Scores): Of all variants.
        control (str): The variant that differences refer to.
        commands (dict[str, list[str]]): Name of a variant -> the shell
            commands that lead to its scores at the first seed, in order.

    Returns:
        Path: The Markdown file.
    """
    report = work_dir / 'ablation.md'
    write_csv(scores, report.with_suffix('.csv'))
    plot_differences(scores, control, report.with_suffix('.png'))
    first, *others = scores[control]
    seeds = ', '.join(map(str, (first, *others)))
    parts = [
        '# Ablation on MaterialScenes',
        f'Seeds: {seeds}. Control: {control}.',
        ablation_markdown(scores, control),
        EXPLANATION,
        '![](ablation.png)\n\nMean difference to the control with its '
        'interval (squares), and the single seeds (dots). Every single score '
        'is in [ablation.csv](ablation.csv).',
        '## Commands',
        f'Those of seed {first}, from the same directory; those of the other '
        'seeds differ in the number of the seed only.',
        *(
            '\n'.join([f'{name}:\n', '```bash', *lines, '```'])
            for name, lines in commands.items()
        ),
    ]
    report.write_text('\n\n'.join(parts) + '\n', encoding='utf-8')
    return report

"""The report on a table of the study, from its records alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import TextWrapper
from typing import TYPE_CHECKING

from rich.console import Group

from mmsca.visualization.paired import (
    INTERVALS,
    Scores,
    SeedScores,
    cells,
    markdown_table,
    metrics_of,
    paired_difference,
    plot_differences,
    scores_table,
    write_csv,
)

if TYPE_CHECKING:
    from mmsca.apis.study_table import Table


# So that neither a hyphen nor a long path splits a word.
wrap = TextWrapper(79, break_long_words=False, break_on_hyphens=False).fill


def scores_of(records: Sequence[dict]) -> Scores:
    """Name of an arm -> seed -> metric -> percentage."""
    scores: Scores = {}
    for record in records:
        scores.setdefault(record['arm'], {})[record['seed']] = record['scores']
    return scores


def titled(table: 'Table', scores: Scores) -> Scores:
    """Scores of the arms that have any, by their titles, in their order."""
    rows = {}
    for arm in table.arms:
        if arm.name in scores:
            mark = ' (control)' if arm.name == table.control else ''
            rows[arm.title + mark] = scores[arm.name]
    return rows


def differences_of(table: 'Table', scores: Scores) -> Scores:
    """Differences of the pairs of a table that have shared seeds."""
    titles = {arm.name: arm.title for arm in table.arms}
    pairs: dict[str, SeedScores] = {}
    for name, reference in table.compare:
        if name in scores and reference in scores:
            label = f'{titles[name]} − {titles[reference]}'
            pairs[label] = paired_difference(scores, name, reference)
    return {label: seeds for label, seeds in pairs.items() if seeds}


def study_tables(table: 'Table', records: Sequence[dict]) -> Group:
    """Scores and differences for the terminal."""
    scores = scores_of(records)
    metrics = metrics_of(scores)
    rows, differences = titled(table, scores), differences_of(table, scores)
    parts = []
    # No more columns than fit a terminal of 79.
    for start in range(0, len(metrics), 4):
        some = metrics[start : start + 4]
        title = f'{table.title}, {table.suite.split} split, %'
        parts += [scores_table(title, rows, some), '']
        parts += [scores_table('differences', differences, some, '+'), '']
    return Group(*parts)


def write_study_report(
    folder: Path,
    table: 'Table',
    records: Sequence[dict],
    more: Sequence[str] = (),
) -> Path:
    """Write `<table>.md`, `<table>.csv` and `<table>.png`.

    Args:
        folder (Path): Where to write, beside the folder of the records.
        table (Table): The table.
        records (Sequence[dict]): Of its runs, one or more.
        more (Sequence[str]): Further paragraphs.

    Returns:
        Path: The Markdown file.
    """
    scores = scores_of(records)
    metrics = metrics_of(scores)
    differences = differences_of(table, scores)
    report = folder / f'{table.name}.md'
    write_csv(scores, report.with_suffix('.csv'), arm='arm')
    plot_differences(
        differences,
        metrics,
        'paired difference, percentage points',
        report.with_suffix('.png'),
    )
    parts = [
        f'# {table.title}',
        wrap(
            f'{len(records)} runs on {table.suite.title}, from the records in '
            f'[{table.name}/]({table.name}). {_machines(records)}'
        ),
        '## Scores',
        interval_rows('pretraining', titled(table, scores), metrics),
        wrap(
            f'Means over seeds in percent on the {table.suite.split} split; ± '
            'is half the width of the 95 % t-interval, which a single seed '
            'does not have. '
            f'{table.suite.explanation}'
        ),
        '## Differences',
        interval_rows('difference', differences, metrics, sign='+'),
        wrap(
            'Mean differences in percentage points, paired by seed, over the '
            f'seeds that both have, with 95 % t-intervals. {INTERVALS}'
        ),
        f'![]({table.name}.png)',
        wrap(
            'Mean differences with their intervals (squares), and the single '
            f'seeds (dots). Every single score is in [{table.name}.csv]'
            f'({table.name}.csv).'
        ),
        *more,
        '## Again',
        f'    python tools/run_study.py configs/study/{table.name}.py',
        wrap(
            'runs what has no record. A record holds the commands of its run, '
            'their seconds, the loss of each epoch, and hashes of the configs.'
        ),
    ]
    report.write_text('\n\n'.join(parts) + '\n', encoding='utf-8')
    return report


def interval_rows(
    head: str, scores: Scores, metrics: Sequence[str], sign: str = ''
) -> str:
    """Means with intervals and the number of seeds as a Markdown table."""
    rows = [[head, 'seeds', *metrics]]
    for name, seeds in scores.items():
        texts = cells(scores, name, metrics, sign)
        rows.append([name, str(len(seeds)), *texts])
    return markdown_table(rows)


def published_section(
    records: Sequence[dict], published: Sequence[dict]
) -> list[str]:
    """Paragraphs that put scores beside the published ones.

    Args:
        records (Sequence[dict]): Of a small run.
        published (Sequence[dict]): Of all arms and seeds of the same table
            that are published.
    """
    head = ['arm', 'seed', 'metric', 'here', 'published', 'all seeds']
    rows = [head, *_beside(scores_of(records), scores_of(published))]
    return [
        '## Beside the published records',
        markdown_table(rows, left=3),
        wrap(
            'Here: this run. Published: the record of the same arm and seed. '
            'All seeds: the lowest and the highest published score of that '
            'arm, and their number. The same seed gives other decimals on '
            'another processor or version of torch; how far apart seeds are '
            'tells what such a difference means.'
        ),
    ]


def _beside(scores: Scores, published: Scores) -> Iterator[list[str]]:
    for arm, seeds in scores.items():
        others = published.get(arm, {})
        for seed, row in seeds.items():
            for metric, value in row.items():
                there = others.get(seed, {}).get(metric)
                values = [r[metric] for r in others.values() if metric in r]
                span = ''
                if values:
                    span = f'{min(values):.1f} to {max(values):.1f}'
                    span += f' ({len(values)})'
                yield [
                    *(arm, str(seed), metric, f'{value:.1f}'),
                    '' if there is None else f'{there:.1f}',
                    span,
                ]


def _machines(records: Sequence[dict]) -> str:
    """What the runs ran on, each kind once."""
    kinds = {}
    for record in records:
        machine = record['machine']
        kind = f'{machine["cpu"]}, torch {machine["torch"]}'
        precision = 'bf16' if machine['bf16'] else 'fp32'
        # The untrained backbone has no pretraining to be in either.
        kinds.setdefault(kind, set())
        if record['config']:
            kinds[kind].add(precision)
    texts = [
        f'{kind}, pretraining in {" and ".join(sorted(precisions))}'
        if precisions
        else kind
        for kind, precisions in kinds.items()
    ]
    return f'Machine: {"; ".join(texts)}.'

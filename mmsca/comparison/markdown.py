"""The report on a comparison as Markdown."""

import re
from collections.abc import Sequence
from math import nan
from textwrap import TextWrapper
from urllib.parse import quote

from mmsca.comparison.report import Report, Row
from mmsca.comparison.statistics import (
    INTERVALS,
    cells,
    marked_cells,
    values_of,
)

# So that neither a hyphen nor a long path splits a word.
wrap = TextWrapper(79, break_long_words=False, break_on_hyphens=False).fill


def document(report: Report, more: Sequence[str], links: bool = False) -> str:
    """The whole report, with more paragraphs behind the scores.

    With `links` a score leads to its command.
    """
    table = report.table
    parts = [f'# {table.title}']
    if table.note:
        parts.append(f'**{table.note}**')
    text = f'{len(report.records)} runs on {table.data.title}. '
    text += report.machines()
    if links:
        text += ' A score leads to its command.'
    parts += [wrap(text), '## Scores']
    parts += [score_table(report, links), *explanations(report), *more]
    return '\n\n'.join(parts) + '\n'


def summary(report: Report) -> list[str]:
    """The tables alone."""
    title = f'{report.table.title}, {report.table.split} split, %'
    return [title, score_table(report), difference_table(report)]


def score_table(report: Report, links: bool = False) -> str:
    """Scores, a row for each backbone and baseline; see `document`."""
    texts = cells(report.scores(), report.columns)
    rows = [['pretraining', 'seeds', *report.columns]]
    for row in report.rows:
        scores = texts[row.title]
        if links:
            stages = [report.table.columns[c] for c in report.columns]
            anchors = [quote(anchor(heading(row, s))) for s in stages]
            scores = [
                text and f'[{text}](#{place})'
                for text, place in zip(scores, anchors, strict=True)
            ]
        rows.append([row.title, str(len(row.records)), *scores])
    for title, values in report.baselines().items():
        scores = [values.get(column) for column in report.columns]
        texts = ['' if value is None else f'{value:.1f}' for value in scores]
        rows.append([title, '', *texts])
    return markdown_table(rows)


def difference_table(report: Report) -> str:
    """Differences of pairs, or nothing if no two share a seed."""
    differences = report.differences()
    texts = marked_cells(differences, report.columns)
    rows = [
        [label, str(len(seeds)), *texts[label]]
        for label, seeds in differences.items()
    ]
    names = ['difference', 'seeds', *report.columns]
    return markdown_table([names, *rows]) if rows else ''


def explanations(report: Report) -> list[str]:
    """What the numbers of the table are."""
    table = report.table
    several = any(len(row.records) > 1 for row in report.rows)
    text = f'{"Means over seeds in" if several else "In"} percent on the '
    text += f'{table.split} split'
    if several:
        text += '; ± is half the width of the 95 % t-interval, which a '
        text += 'single seed does not have'
    texts = [f'{text}. {table.explanation}']
    for row in report.rows:
        if row.changed:
            commits = {r['commit'] for r in row.records.values()}
            known = ', '.join(sorted(filter(None, commits)))
            texts.append(
                f"{row.title}: measured with other settings than today's "
                f'({", ".join(row.changed)}), at commit '
                f'{known or "not recorded"}.'
            )
    return [wrap(text) for text in texts]


def differences(report: Report, name: str) -> list[str]:
    """Paragraphs on pairs, if any two backbones share a seed.

    `name` is the stem of the file that holds every score.
    """
    table = difference_table(report)
    if not table:
        return []
    return [
        '## Differences',
        table,
        wrap(
            'Mean differences in percentage points, paired by seed, over the '
            f'seeds that both have, with 95 % t-intervals. {INTERVALS} Every '
            f'single score is in `{name}.csv`.'
        ),
    ]


def beside(report: Report, published: Report) -> list[str]:
    """Scores of the quick part beside those that are published."""
    rows = [['', *report.columns]]
    others = {row.backbone: row.scores for row in published.rows}
    for row in report.rows:
        there = others.get(row.backbone, {})
        for seed, scores in row.scores.items():
            both = {f'{row.title}, seed {seed}': {seed: scores}}
            both['its published record'] = {seed: there.get(seed, {})}
            texts = cells(both, report.columns)
            rows += [[title, *row] for title, row in texts.items()]
        spans = []
        for column in report.columns:
            values = values_of(there, column) or [nan]
            spans.append(f'{min(values):.1f} to {max(values):.1f}')
        rows.append([f'all {len(there)} published seeds', *spans])
    return [
        '## Beside the published records',
        markdown_table(rows),
        wrap(
            'The same seed gives other decimals on another processor or '
            'version of torch; how far apart seeds are tells what such a '
            'difference means.'
        ),
    ]


def commands(report: Report) -> list[str]:
    """Those of the first seed of each row, with what they ran on."""
    parts = ['## Commands']
    for row in report.rows:
        seed, record = next(iter(row.records.items()))
        known = {k: v for k, v in record['machine'].items() if v}
        machine = ', '.join(f'{key} {value}' for key, value in known.items())
        commit = record['commit'] or 'not recorded'
        commit += ' with changes' if record['dirty'] else ''
        parts.append(f'### {escape(row.title)}, seed {seed}')
        parts.append(wrap(f'{machine}; commit {commit}'))
        for stage, line in record['commands'].items():
            seconds = record['seconds'].get(stage)
            taken = '' if seconds is None else f'# {seconds:.0f} s\n'
            parts.append(f'#### {escape(heading(row, stage))}')
            parts.append(f'```bash\n{taken}{line}\n```')
    return parts


def again(report: Report) -> list[str]:
    """How published records are made."""
    name = report.table.name
    return [
        '## Again',
        f'    python tools/compare.py configs/comparisons/{name}.py',
        wrap(
            f'does the runs that have no record. Records in [{name}/]({name}) '
            'hold the commands of a run, their seconds, the loss of each '
            'epoch, commit and settings.'
        ),
    ]


def heading(row: Row, stage: str) -> str:
    """Of the command of a stage."""
    return f'{row.title}: {stage}'


def anchor(text: str) -> str:
    """Where a link to a heading leads, be its text escaped or not."""
    return re.sub(r'\s', '_', text.replace('\\', ''))


def escape(text: str) -> str:
    """A text that Markdown reads as it stands."""
    return re.sub(r'([\\`*<>|\[\]])', r'\\\1', text)


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, whose first row is the head.

    The first cell of a row is any text, others are Markdown.
    """
    names, *body = ([escape(row[0]), *row[1:]] for row in rows)
    rule = ['---', *['---:'] * (len(names) - 1)]
    return '\n'.join(f'| {" | ".join(row)} |' for row in [names, rule, *body])

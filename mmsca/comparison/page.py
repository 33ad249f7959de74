"""The report on a comparison as one HTML file that needs no network."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from mmsca.comparison.report import Report, Row
from mmsca.comparison.statistics import INTERVALS

STYLE = """\
body {font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem
  auto; padding: 0 1rem; color: #222}
table {border-collapse: collapse; margin: 1rem 0; display: block;
  overflow-x: auto}
th, td {padding: .3rem .8rem; border-bottom: 1px solid #ddd;
  text-align: right; white-space: nowrap}
th:first-child, td:first-child {text-align: left; white-space: normal}
thead th {border-bottom: 2px solid #888}
tbody tr:hover {background: #f3f6fa}
td a {color: inherit; text-decoration: none}
td a:hover {text-decoration: underline}
img {max-width: 100%; height: auto}
figure {margin: 1.5rem 0}
figcaption, .small {color: #555; font-size: .9em}
pre {background: #f5f5f5; padding: .8rem; white-space: pre-wrap;
  overflow-wrap: anywhere; font-size: .85em}
.note {border-left: 4px solid #d90; padding-left: 1rem}"""


def write_page(report: Report, pictures: dict[Path, str], file: Path) -> None:
    """Write the page.

    Args:
        report (Report): The comparison.
        pictures (dict[Path, str]): PNG -> caption; they become part of it.
        file (Path): HTML to write.
    """
    table = report.table
    parts = [f'<h1>{escape(table.title)}</h1>']
    if table.note:
        parts.append(f'<p class="note">{escape(table.note)}</p>')
    parts += [
        f'<p>{len(report.records)} runs on {escape(table.data.title)}. '
        f'{escape(report.machines())} A score leads to its command.</p>',
        '<h2>Scores</h2>',
        _table(report.score_rows(), _links(report)),
        *(f'<p class="small">{escape(t)}</p>' for t in report.explanations()),
    ]
    if report.differences():
        parts += [
            '<h2>Differences</h2>',
            _table(report.difference_rows()),
            '<p class="small">Percentage points, paired by seed, with 95 % '
            f't-intervals. {escape(INTERVALS)}</p>',
        ]
    for picture, caption in pictures.items():
        content = base64.b64encode(picture.read_bytes()).decode()
        parts.append(
            f'<figure><img alt="{escape(caption)}" '
            f'src="data:image/png;base64,{content}">'
            f'<figcaption>{escape(caption)}</figcaption></figure>'
        )
    parts.append('<h2>Commands</h2>')
    parts += [_commands(row) for row in report.rows]
    body = '\n'.join(parts)
    text = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<title>{escape(table.title)}</title><style>{STYLE}</style></head>\n'
        f'<body>{body}</body></html>\n'
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding='utf-8')


def _anchor(row: Row, stage: str) -> str:
    return escape(f'{row.title}-{stage}'.replace(' ', '_'))


def _links(report: Report) -> dict[tuple[str, str], str]:
    """Row and column -> anchor of the command that wrote the score."""
    return {
        (row.title, column): _anchor(row, stage)
        for row in report.rows
        for column, stage in report.table.columns.items()
    }


def _table(
    rows: Sequence[Sequence[str]],
    links: dict[tuple[str, str], str] | None = None,
) -> str:
    head, *body = rows
    lines = ''.join(f'<th>{escape(text)}</th>' for text in head)
    parts = [f'<table><thead><tr>{lines}</tr></thead><tbody>']
    for row in body:
        parts.append('<tr>')
        for column, text in zip(head, row, strict=True):
            cell = escape(text)
            anchor = (links or {}).get((row[0], column))
            if anchor and cell:
                cell = f'<a href="#{anchor}">{cell}</a>'
            parts.append(f'<td>{cell}</td>')
        parts.append('</tr>')
    return ''.join([*parts, '</tbody></table>'])


def _commands(row: Row) -> str:
    """Those of the first seed, with what they ran on."""
    seed, record = next(iter(row.records.items()))
    machine = ', '.join(
        f'{key} {value}' for key, value in record['machine'].items() if value
    )
    commit = record['commit'] or 'not recorded'
    commit += ' with changes' if record['dirty'] else ''
    parts = [
        f'<h3>{escape(row.title)}, seed {seed}</h3>',
        f'<p class="small">{escape(machine)}; commit {escape(commit)}</p>',
    ]
    for stage, line in record['commands'].items():
        seconds = record['seconds'].get(stage)
        taken = '' if seconds is None else f', {seconds:.0f} s'
        parts.append(
            f'<p class="small" id="{_anchor(row, stage)}">{escape(stage)}'
            f'{taken}</p><pre>{escape(line)}</pre>'
        )
    return ''.join(parts)

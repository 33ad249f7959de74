"""A table and a picture of records: what each row gains over SwAV.

python -m study.photographs.draw docs/study/photographs.jsonl OUT.png
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from mmsca.comparison.statistics import interval

METRICS = {
    'knn': 'kNN',
    'linear': 'linear',
    'object/MaxBoxAccV2': 'MaxBoxAccV2',
    'object/pointing': 'pointing',
}
CONTROL = 'SwAV'


def read(file: Path) -> dict[str, dict[int, dict]]:
    """Records by name and seed, in the order of the file."""
    rows = defaultdict(dict)
    for line in file.read_text().splitlines():
        record = json.loads(line)
        rows[record['name']][record['seed']] = record
    return rows


def differences(rows: dict, name: str, metric: str) -> list[float]:
    """Row minus SwAV, seed by seed."""
    control = rows[CONTROL]
    return [
        record[metric] - control[seed][metric]
        for seed, record in rows[name].items()
        if seed in control
    ]


def table(rows: dict) -> str:
    """Markdown: means of a row, and the difference to SwAV.

    Of one or two seeds that is each difference, of more the mean with its
    95 % t-interval.
    """
    lines = [
        '| | ' + ' | '.join(METRICS.values()) + ' |',
        '| --- |' + ' ---: |' * len(METRICS),
    ]
    for name, records in rows.items():
        cells = []
        for metric in METRICS:
            mean = np.mean([record[metric] for record in records.values()])
            cell = f'{mean:.1f}'
            if name != CONTROL:
                gains = differences(rows, name, metric)
                texts = [f'{gain:+.1f}' for gain in gains]
                if len(gains) > 2:
                    texts = [interval(gains, '+')]
                cell += f' ({", ".join(texts)})'
            cells.append(cell)
        lines.append(f'| {name} | {" | ".join(cells)} |')
    return '\n'.join(lines)


def draw(rows: dict, file: Path) -> None:
    """A dot for each seed, a line at their mean."""
    names = [name for name in rows if name not in (CONTROL, 'untrained')]
    figure, panels = plt.subplots(
        1, len(METRICS), sharey=True, figsize=(11, 0.27 * len(names) + 1)
    )
    for panel, (metric, title) in zip(panels, METRICS.items(), strict=True):
        for place, name in enumerate(names):
            gains = differences(rows, name, metric)
            panel.plot(gains, [place] * len(gains), 'o', ms=4, color='C0')
            panel.plot(np.mean(gains), place, '|', ms=12, color='C3')
        panel.axvline(0, color='gray', lw=0.8)
        panel.set_xscale('symlog', linthresh=5)
        panel.set_xlim(-40, 40)
        panel.set_xticks([-20, -5, -2, 0, 2, 5, 20])
        panel.set_xticklabels(['-20', '-5', '-2', '0', '2', '5', '20'])
        panel.grid(axis='y', lw=0.3)
        panel.set_title(title, fontsize=10)
        panel.tick_params(labelsize=8)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    figure.supxlabel('points above SwAV at the same seed', fontsize=9)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog='python -m study.photographs.draw', description=__doc__
    )
    parser.add_argument('records', type=Path)
    parser.add_argument('picture', type=Path)
    args = parser.parse_args()
    rows = read(args.records)
    print(table(rows))
    draw(rows, args.picture)


if __name__ == '__main__':
    main()

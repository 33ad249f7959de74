"""Markdown and a picture of all results in a folder."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

from benchmarks import machine
from benchmarks.ratio import Ratio


def load(folder: Path) -> dict[str, dict]:
    """Results by the name of what was measured."""
    results = {}
    for file in sorted(folder.glob('*.json')):
        result = json.loads(file.read_text())
        # A file of `gpu` has several.
        for name, part in result.get('sections', {'': result}).items():
            results[f'{file.stem} {name}'.strip()] = part
    return results


def make_result(ratios: list[Ratio], rows: list[dict], settings: dict) -> dict:
    """What a measurement leaves, for JSON.

    Args:
        ratios (list[Ratio]): What it found.
        rows (list[dict]): Of a table.
        settings (dict): Its arguments.
    """
    return dict(
        ratios=[ratio.summary() for ratio in ratios],
        rows=rows,
        settings=settings,
        machine=machine.describe(),
    )


def target_text(ratio: dict) -> str:
    if ratio['at_most'] is not None:
        return f'<= {ratio["at_most"]:g}'
    if ratio['at_least'] is not None:
        return f'>= {ratio["at_least"]:g}'
    return ''


def table(header: list[str], rows: list[list]) -> list[str]:
    """Lines of a Markdown table."""
    lines = [header, ['---'] * len(header), *rows]
    return ['| ' + ' | '.join(map(str, line)) + ' |' for line in lines]


def section(name: str, result: dict) -> list[str]:
    """Lines of one measurement."""
    ran_on = result['machine']
    versions = ', '.join(f'{k} {v}' for k, v in ran_on['versions'].items())
    ratios = [
        [
            ratio['name'],
            f'{ratio["median"]:.3g}',
            f'{ratio["low"]:.3g} to {ratio["high"]:.3g}',
            ratio['pairs'],
            target_text(ratio),
            {None: '', True: 'yes', False: 'no'}[ratio['met']],
        ]
        for ratio in result['ratios']
    ]
    header = ['ratio', 'median', 'range', 'pairs', 'target', 'met']
    lines = [f'## {name}', '']
    if ratios:
        lines += [*table(header, ratios), '']
    if result['rows']:
        cells = [
            [f'{v:.4g}' if isinstance(v, float) else v for v in row.values()]
            for row in result['rows']
        ]
        lines += [*table(list(result['rows'][0]), cells), '']
    settings = ', '.join(f'{k} {v}' for k, v in result['settings'].items())
    gpu = f'{ran_on["gpu"]}; ' if ran_on.get('gpu') else ''
    return [
        *lines,
        f'{ran_on["date"]}, {gpu}{ran_on["cpu"]} ({ran_on["capability"]}), '
        f'{ran_on["cores"]} cores, {ran_on["threads"]} thread, Python '
        f'{ran_on["python"]}; {versions}.',
        '',
        f'Settings: {settings}.',
        '',
    ]


def draw(results: dict[str, dict], path: Path) -> None:
    """Medians and ranges, with a mark where each target is."""
    rows = [
        (f'{name}: {ratio["name"]}', ratio)
        for name, result in results.items()
        for ratio in result['ratios']
    ]
    figure, axes = plt.subplots(figsize=(9, 1 + 0.3 * len(rows)))
    for y, (_, ratio) in enumerate(rows):
        color = {None: 'gray', True: 'tab:green', False: 'tab:red'}
        axes.plot([ratio['low'], ratio['high']], [y, y], color='gray')
        axes.plot(ratio['median'], y, 'o', color=color[ratio['met']])
        if ratio['at_most'] is not None:
            axes.plot(ratio['at_most'], y, 'k', marker=8)  # stay to the left
        elif ratio['at_least'] is not None:
            axes.plot(ratio['at_least'], y, 'k', marker=9)
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.invert_yaxis()
    axes.set_xscale('log')
    axes.set_xlabel('ratio: median, range; triangles point from the target')
    figure.savefig(path, bbox_inches='tight', dpi=120)
    plt.close(figure)


def write(folder: Path) -> None:
    """Write `README.md` and `ratios.png` beside the results."""
    results = load(folder)
    draw(results, folder / 'ratios.png')
    lines = ['# Measured', '', '![Ratios](ratios.png)', '']
    for name, result in results.items():
        lines += section(name, result)
    (folder / 'README.md').write_text('\n'.join(lines).rstrip() + '\n')

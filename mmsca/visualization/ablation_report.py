"""What several seeds say about variants of a pretraining."""

from pathlib import Path

from rich.console import Group

from mmsca.visualization.paired import (
    INTERVALS,
    Scores,
    cells,
    markdown_table,
    metrics_of,
    paired_differences,
    plot_differences,
    scores_table,
    write_csv,
)
from mmsca.visualization.report import MATERIALS_METRICS

EXPLANATION = f"""\
All numbers are percentages on the test split, or differences of them. \
{MATERIALS_METRICS}

± is half the width of the 95 % t-interval of the mean over seeds; one seed \
has none. Δ is the mean difference to the control, paired by seed. \
{INTERVALS}"""


def ablation_table(scores: Scores, control: str) -> Group:
    """Scores, and differences to the control, for the terminal."""
    metrics = metrics_of(scores)
    differences = paired_differences(scores, control)
    return Group(
        scores_table('MaterialScenes, test split, %', scores, metrics),
        '',
        scores_table(f'difference to {control}', differences, metrics, '+'),
    )


def ablation_markdown(scores: Scores, control: str) -> str:
    """Scores and differences to the control as one Markdown table."""
    differences = paired_differences(scores, control)
    columns = metrics_of(scores)
    rows = [['config', *columns, *(f'Δ {column}' for column in columns)]]
    for name in scores:
        changes = ['control'] * len(columns)
        if name != control:
            changes = cells(differences, name, columns, sign='+')
        rows.append([name, *cells(scores, name, columns), *changes])
    return markdown_table(rows)


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
    plot_differences(
        paired_differences(scores, control),
        metrics_of(scores),
        f'difference to {control}, percentage points',
        report.with_suffix('.png'),
    )
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

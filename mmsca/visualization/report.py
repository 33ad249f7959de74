"""One report on what a backbone learned: a table, pictures, commands."""

import json
from pathlib import Path

from rich.table import Table

KNN_K = 20

# Column -> (file of an arm, keys that lead to the value, factor to percent).
METRICS = {
    'kNN': ('knn_{arm}.json', ('top1', str(KNN_K)), 1),
    'linear': ('localization_{arm}.json', ('accuracy/top1',), 1),
    'MaxBoxAcc': ('localization_{arm}.json', ('cam/MaxBoxAcc',), 1),
    'MaxBoxAccV2': ('localization_{arm}.json', ('cam/MaxBoxAccV2',), 1),
    'pointing': ('localization_{arm}.json', ('cam/pointing',), 1),
    'box AP': ('detection_{arm}.json', ('coco/bbox_mAP',), 100),
    'mask AP': ('detection_{arm}.json', ('coco/segm_mAP',), 100),
}

CAUTION = (
    'One seed and a short schedule on small synthetic scenes: this report '
    'shows the road from pretraining to every evaluation. It proves nothing '
    'about SCA; for that, repeat it with several seeds and state intervals.'
)

EXPLANATION = """\
All numbers are percentages on the test split. kNN and linear: top-1 accuracy \
of nearest neighbours and of a linear classifier on frozen features. \
MaxBoxAcc, MaxBoxAccV2, pointing: Grad-CAM of that linear classifier, its \
thresholds chosen on val. Box and mask AP: Mask R-CNN fine-tuned from the \
backbone, COCO AP at IoU 0.50:0.95. A dash: nothing was detected at all."""


def collect_scores(
    work_dir: Path, arms: dict[str, str]
) -> dict[str, dict[str, float | None]]:
    """Read the scores of all arms.

    Args:
        work_dir (Path): Folder of the JSON files in :data:`METRICS`.
        arms (dict[str, str]): Name in file names -> name in the report.

    Returns:
        dict: Name in the report -> column -> percentage; None where an
        evaluation had nothing to measure, its file being empty.

    Raises:
        KeyError: If a file does not hold the metric it should.
    """
    scores = {}
    for arm, title in arms.items():
        scores[title] = {
            column: read_score(
                Path(work_dir) / file.format(arm=arm), keys, factor
            )
            for column, (file, keys, factor) in METRICS.items()
        }
    return scores


def read_score(
    file: Path, keys: tuple[str, ...], factor: float
) -> float | None:
    """Read one value of a JSON file; see :func:`collect_scores`."""
    value = json.loads(file.read_text())
    if not value:
        return None
    for key in keys:
        if key not in value:
            raise KeyError(
                f'{file} holds no {"/".join(keys)}; at {key} there are '
                f'{sorted(value)}. Delete the file and run again.'
            )
        value = value[key]
    return factor * value


def format_score(value: float | None) -> str:
    return '–' if value is None else f'{value:.1f}'


def scores_table(scores: dict[str, dict[str, float | None]]) -> Table:
    """The scores for the terminal."""
    # 79 columns wide, so that it fits the narrowest terminal.
    table = Table(
        title='MaterialScenes, test split, %',
        title_justify='left',
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column('pretraining')
    for column in METRICS:
        table.add_column(column, justify='right')
    for title, row in scores.items():
        table.add_row(title, *(format_score(row[c]) for c in METRICS))
    return table


def scores_markdown(scores: dict[str, dict[str, float | None]]) -> str:
    """The scores as a Markdown table."""
    lines = [
        ['pretraining', *METRICS],
        ['---', *['---:'] * len(METRICS)],
        *(
            [title, *(format_score(row[column]) for column in METRICS)]
            for title, row in scores.items()
        ),
    ]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def write_report(
    work_dir: Path,
    scores: dict[str, dict[str, float | None]],
    pictures: dict[str, str],
    commands: list[str],
) -> Path:
    """Write `report.md`, and `report.json` for programs.

    Args:
        work_dir (Path): Where to write, beside the pictures.
        scores (dict): What :func:`collect_scores` returns.
        pictures (dict[str, str]): File name -> caption.
        commands (list[str]): Shell commands that lead here, in order.

    Returns:
        Path: The Markdown file.
    """
    parts = [
        '# Demo: SwAV and SwAV + SCA on MaterialScenes',
        f'**{CAUTION}**',
        '## Scores',
        scores_markdown(scores),
        EXPLANATION,
        '## Pictures',
        *(f'![]({file})\n\n{text}' for file, text in pictures.items()),
        '## Commands',
        'What ran, in this order, from the same directory:',
        '\n'.join(['```bash', *commands, '```']),
    ]
    report = Path(work_dir) / 'report.md'
    report.write_text('\n\n'.join(parts) + '\n', encoding='utf-8')
    content = dict(caution=CAUTION, unit='%', scores=scores, commands=commands)
    report.with_suffix('.json').write_text(
        json.dumps(content, indent=2) + '\n', encoding='utf-8'
    )
    return report

"""One report on what a backbone learned: a table, pictures, commands."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.table import Table

KNN_K = 20

# File in the folder of an arm, keys that lead to the value, factor to percent.
Metric = tuple[str, tuple[str, ...], float]

METRICS: dict[str, Metric] = {
    'kNN': ('knn.json', ('top1', str(KNN_K)), 1),
    'linear': ('localization.json', ('accuracy/top1',), 1),
    'MaxBoxAcc': ('localization.json', ('cam/MaxBoxAcc',), 1),
    'MaxBoxAccV2': ('localization.json', ('cam/MaxBoxAccV2',), 1),
    'pointing': ('localization.json', ('cam/pointing',), 1),
    'box AP': ('detection.json', ('coco/bbox_mAP',), 100),
    'mask AP': ('detection.json', ('coco/segm_mAP',), 100),
}

CAUTION = (
    'One seed and a short schedule on small synthetic scenes: this report '
    'shows the road from pretraining to every evaluation. It proves nothing '
    'about SCA; for that, repeat it with several seeds and state intervals.'
)

ACCURACIES = (
    'kNN and linear: top-1 accuracy of nearest neighbours and of a linear '
    'classifier on frozen features'
)
MATERIALS_METRICS = (
    f'{ACCURACIES}. MaxBoxAccV2, pointing: Grad-CAM of that linear '
    'classifier, its thresholds chosen on val. Box and mask AP, where they '
    'stand: Mask R-CNN fine-tuned from the backbone, COCO AP at IoU '
    '0.50:0.95.'
)

EXPLANATION = f"""\
All numbers are percentages on the test split. {ACCURACIES}. \
MaxBoxAcc, MaxBoxAccV2, pointing: Grad-CAM of that linear classifier, its \
thresholds chosen on val. Box and mask AP: Mask R-CNN fine-tuned from the \
backbone, COCO AP at IoU 0.50:0.95. Untrained: the backbone as initialised; \
supervised: trained with the labels, for as many epochs."""


def read_scores(
    folder: Path, metrics: Mapping[str, Metric]
) -> dict[str, float]:
    """Read the scores of an arm.

    Args:
        folder (Path): Of the JSON files that the metrics name.
        metrics (Mapping[str, Metric]): Such as :data:`METRICS`.

    Returns:
        dict[str, float]: Metric -> percentage. A detector that finds nothing
        leaves an empty file, which is an AP of 0.

    Raises:
        KeyError: If a file does not hold the metric it should.
    """
    scores = {}
    for metric, (file, keys, factor) in metrics.items():
        value = json.loads((folder / file).read_text())
        if value == {}:
            scores[metric] = 0.0
            continue
        for key in keys:
            if key not in value:
                raise KeyError(
                    f'{folder / file} holds no {"/".join(keys)}; at {key} '
                    f'there are {sorted(value)}. Delete the file and run '
                    'again.'
                )
            value = value[key]
        scores[metric] = factor * value
    return scores


def scores_table(scores: dict[str, dict[str, float]]) -> Table:
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
        table.add_row(title, *(f'{row[c]:.1f}' for c in METRICS))
    return table


def scores_markdown(scores: dict[str, dict[str, float]]) -> str:
    """The scores as a Markdown table."""
    lines = [
        ['pretraining', *METRICS],
        ['---', *['---:'] * len(METRICS)],
        *(
            [title, *(f'{row[column]:.1f}' for column in METRICS)]
            for title, row in scores.items()
        ),
    ]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def write_report(
    work_dir: Path,
    scores: dict[str, dict[str, float]],
    pictures: dict[str, str],
    commands: list[str],
) -> Path:
    """Write `report.md`, and `report.json` for programs.

    Args:
        work_dir (Path): Where to write, beside the pictures.
        scores (dict): Title of an arm -> what :func:`read_scores` returns.
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

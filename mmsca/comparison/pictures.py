"""Pictures that put the backbones of a comparison side by side."""

from collections.abc import Sequence
from pathlib import Path

from mmsca.comparison.project import moved_options, resolve
from mmsca.comparison.run import Run
from mmsca.comparison.table import Evaluation, Table
from mmsca.engine.coco_folder_runner import fill_in_folder
from mmsca.visualization.curves import plot_loss_curves
from mmsca.visualization.detections import compare_detections
from mmsca.visualization.panels import compare_pictures


def draw_pictures(
    table: Table, runs: Sequence[Run], folder: Path
) -> dict[Path, str]:
    """Draw what the runs of the first seed have left in files.

    Returns:
        dict[Path, str]: PNG file in the folder -> caption.
    """
    folder.mkdir(parents=True, exist_ok=True)
    first = {}
    for run in runs:
        first.setdefault(run.backbone.name, run)
    runs = list(first.values())
    pictures = {}
    file = folder / 'loss_curves.png'
    if curves := _folders(runs, 'pretrain', '*/vis_data/scalars.json'):
        plot_loss_curves(curves, file)
        pictures[file] = (
            'Losses of the pretrainings; of those with SCA the plain term, '
            'and dashed the guided one.'
        )
    for evaluation in table.evaluations:
        file = folder / f'{evaluation.name}.png'
        pattern = 'pictures' if evaluation.maps else 'detections.*.json'
        found = _folders(runs, evaluation.name, pattern)
        if found and evaluation.maps:
            maps = {title: f / 'pictures' for title, f in found.items()}
            compare_pictures(maps, file)
            pictures[file] = (
                'Class maps. Green: true box; red: box at the threshold '
                'that was chosen.'
            )
        elif found:
            _draw_detections(table, evaluation, found, file)
            pictures[file] = (
                'What the detectors find with a score of at least 0.3.'
            )
    return pictures


def _folders(runs: Sequence[Run], name: str, pattern: str) -> dict[str, Path]:
    """Title of a backbone -> folder of a stage that holds a file."""
    return {
        run.backbone.title: stage.folder
        for run in runs
        for stage in run.stages
        if stage.name == name and any(stage.folder.glob(pattern))
    }


def _draw_detections(
    table: Table, evaluation: Evaluation, folders: dict[str, Path], file: Path
) -> None:
    moved = moved_options(evaluation.config, table.data.root, table.data_root)
    cfg = resolve(evaluation.config, [*moved, *evaluation.options])
    if cfg.get('coco_folder'):
        fill_in_folder(cfg)
    dataset = cfg.test_dataloader.dataset
    # Masks where there are any.
    results = {
        title: max(folder.glob('detections.*.json'), key=lambda f: f.name)
        for title, folder in folders.items()
    }
    compare_detections(
        Path(cfg.test_evaluator.ann_file),
        Path(dataset.data_root, dataset.data_prefix.img),
        results,
        file,
    )

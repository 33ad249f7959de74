"""Loss curves of training runs."""

import json
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from mmsca.utils.errors import InputError

COLORS = ('tab:blue', 'tab:orange', 'tab:green', 'tab:red')


def read_scalars(work_dir: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Iterations and values, (n,), of a scalar in the newest run.

    They are empty if the run never logged it.

    Raises:
        InputError: If no run has logged in this work directory.
    """
    # One directory per run, named by its start: 20260131_235959.
    files = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    if not files:
        raise InputError(
            f'{work_dir} holds no <time>/vis_data/scalars.json. Train with '
            f'--work-dir {work_dir}, and keep LocalVisBackend in vis_backends.'
        )
    lines = [json.loads(line) for line in files[-1].read_text().splitlines()]
    # Validation lines have neither learning rate nor loss.
    points = [(n['step'], n[name]) for n in lines if name in n and 'lr' in n]
    steps, values = np.array(points, dtype=float).reshape(-1, 2).T
    return steps, values


def losses_by_epoch(work_dir: Path) -> list[float]:
    """Mean of the losses that a training logged in each epoch.

    All runs that a resumed training consists of count. Empty if none has
    logged in the work directory.
    """
    logged = {}
    for file in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        for line in map(json.loads, file.read_text().splitlines()):
            if 'lr' in line and 'loss' in line:
                # A later run repeats what was not saved before.
                logged[line['step']] = line['epoch'], line['loss']
    epochs: dict[int, list[float]] = {}
    for epoch, loss in logged.values():
        epochs.setdefault(epoch, []).append(loss)
    return [float(np.mean(epochs[epoch])) for epoch in sorted(epochs)]


def plot_loss_curves(runs: dict[str, Path], out_file: Path) -> None:
    """Plot the losses of pretraining runs into one picture.

    Runs with SCA log the two terms of their loss; the plain term is the one
    that compares with SwAV, so it is drawn solid and the guided one dashed.

    Args:
        runs (dict[str, Path]): Name in the legend -> work directory.
        out_file (Path): PNG to write.
    """
    figure = Figure(figsize=(7, 4), layout='constrained')
    axes = figure.subplots()
    for (name, work_dir), color in zip(runs.items(), COLORS, strict=False):
        steps, values = read_scalars(work_dir, 'loss')
        plain_steps, plain = read_scalars(work_dir, 'plain')
        values[np.isin(steps, plain_steps)] = plain
        axes.plot(steps, values, color=color, label=name)
        guided_steps, guided = read_scalars(work_dir, 'guided')
        if len(guided):
            label = f'{name}, guided term'
            axes.plot(guided_steps, guided, '--', color=color, label=label)
    axes.set(xlabel='iteration', ylabel='swapped prediction loss')
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(out_file, dpi=150)

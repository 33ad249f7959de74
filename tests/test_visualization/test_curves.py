import json

import numpy as np
import pytest

from mmsca.utils.errors import InputError
from mmsca.visualization.curves import (
    losses_by_epoch,
    plot_loss_curves,
    read_scalars,
)
from mmsca.visualization.panels import read_image


def write_run(work_dir, lines, start='20260101_000000'):
    folder = work_dir / start / 'vis_data'
    folder.mkdir(parents=True)
    text = '\n'.join(json.dumps(line) for line in lines)
    (folder / 'scalars.json').write_text(text)


def test_scalars_are_those_of_training_in_the_newest_run(tmp_path):
    write_run(tmp_path, [dict(lr=1, loss=9, step=1)])
    lines = [
        dict(lr=0.1, loss=4.5, step=5),
        dict(lr=0.1, loss=4.25, step=10, plain=4.0, guided=4.5),
        {'accuracy/top1': 50.0, 'loss': 1.0, 'step': 2},
    ]
    write_run(tmp_path, lines, '20260101_000001')
    steps, values = read_scalars(tmp_path, 'loss')
    assert steps.tolist() == [5, 10]
    assert values.tolist() == [4.5, 4.25]
    assert [part.tolist() for part in read_scalars(tmp_path, 'plain')] == [
        [10],
        [4.0],
    ]
    # Of what was never logged there is nothing.
    steps, values = read_scalars(tmp_path, 'other')
    assert len(steps) == len(values) == 0
    with pytest.raises(InputError, match='run holds no'):
        read_scalars(tmp_path / 'run', 'loss')


def test_losses_by_epoch_span_the_runs_of_a_resumed_training(tmp_path):
    lines = [
        dict(lr=1, loss=5.0, epoch=1, step=1),
        dict(lr=1, loss=4.0, epoch=1, step=2),
        dict(lr=1, loss=9.0, epoch=2, step=3),
    ]
    write_run(tmp_path, lines)
    # Killed after the third step, resumed from the second.
    lines = [
        dict(lr=1, loss=3.0, epoch=2, step=3),
        dict(lr=1, loss=2.0, epoch=2, step=4),
        {'accuracy/top1': 50.0, 'loss': 1.0, 'step': 2},
    ]
    write_run(tmp_path, lines, '20260101_000001')
    assert losses_by_epoch(tmp_path) == [4.5, 2.5]
    assert losses_by_epoch(tmp_path / 'gone') == []


def test_plot(tmp_path):
    for name in 'ab':
        lines = [dict(lr=1, loss=9 / n, step=n) for n in range(1, 9)]
        write_run(tmp_path / name, lines)
    out = tmp_path / 'curves.png'
    plot_loss_curves({n: tmp_path / n for n in 'ab'}, out)
    image = read_image(out)
    assert image.shape == (600, 1050, 3)
    # Blue and orange lines on white.
    colors = {tuple(c) for c in image.reshape(-1, 3)}
    assert {(255, 255, 255), (31, 119, 180), (255, 127, 14)} <= colors
    assert np.all(image[0] == 255)

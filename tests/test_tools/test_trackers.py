"""The lines of docs/trackers.md, and TensorBoard, which needs no network."""

import re
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import VISBACKENDS
from small_runs import train_small

ROOT = Path(__file__).parents[2]
LINES = re.findall(
    r'^\| ([\w&]+) \| .*`(visualizer = .*)` \|$',
    (ROOT / 'docs/trackers.md').read_text(),
    re.M,
)


def with_line(line, tmp_path):
    """The config of a pretraining with one line more."""
    base = ROOT / 'configs/sca/swav_r18_materials.py'
    own = tmp_path / 'own.py'
    own.write_text(f"_base_ = '{base}'\n{line}\n")
    return own


@pytest.mark.parametrize('line', [line for _, line in LINES])
def test_line_is_read(line, tmp_path):
    visualizer = Config.fromfile(with_line(line, tmp_path)).visualizer
    local, tracker = visualizer.vis_backends
    assert local.type == 'LocalVisBackend'
    assert VISBACKENDS.get(tracker.type) is not None


def test_tensorboard(material_scenes, tmp_path):
    pytest.importorskip('tensorboard')
    from tensorboard.backend.event_processing.event_accumulator import (
        EventAccumulator,
    )

    config = with_line(dict(LINES)['TensorBoard'], tmp_path)
    indices = 'train_dataloader.dataset.indices=16'
    train_small(config, material_scenes, tmp_path, indices)
    (file,) = tmp_path.rglob('events.out.*')
    events = EventAccumulator(str(file))
    events.Reload()
    assert [event.step for event in events.Scalars('loss')] == [1, 2]
    assert next(tmp_path.rglob('scalars.json')).is_file()

"""Configs under the train.py of other packages, and on other data."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from scenes_options import data_root_options

from mmsca.apis.train import train
from mmsca.visualization.curves import read_scalars

ROOT = Path(__file__).parents[2]


def train_py(package: str) -> str:
    """The train.py that a package installs, relative to our tools/."""
    folder = Path(importlib.util.find_spec(package).origin).parent
    return os.path.relpath(folder / '.mim/tools/train.py', ROOT / 'tools')


@pytest.mark.parametrize(
    'package, config, options',
    [
        (
            'mmpretrain',
            'sca/swav_sca_r18_materials.py',
            ['train_dataloader.batch_size=8'],
        ),
        (
            'mmdet',
            'detection/mask-rcnn_r18_fpn_materials.py',
            ['model.backbone.init_cfg=None', 'train_cfg.val_interval=1'],
        ),
    ],
)
def test_runs_under_the_tool_of(
    package, config, options, material_scenes, run_tool, tmp_path
):
    file = ROOT / 'configs' / config
    run_tool(
        train_py(package),
        file,
        '--work-dir',
        tmp_path,
        '--cfg-options',
        'train_cfg.max_epochs=1',
        *data_root_options(file, material_scenes),
        *options,
    )
    assert (tmp_path / 'last_checkpoint').is_file()


@pytest.mark.parametrize(
    'config',
    sorted((ROOT / 'configs/sca/methods').glob('*.py')),
    ids=lambda path: path.stem,
)
def test_sca_on_other_methods(config, material_scenes, tmp_path):
    train(
        [
            *(str(config), '--work-dir', str(tmp_path), '--cfg-options'),
            *data_root_options(config, material_scenes),
            'train_cfg.max_epochs=2',
            'train_dataloader.batch_size=8',
            'train_dataloader.num_workers=0',
            'default_hooks.logger.interval=1',
        ]
    )
    steps, losses = read_scalars(tmp_path, 'loss')
    assert len(steps) == 10 and np.isfinite(losses).all()

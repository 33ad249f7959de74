"""Configs under the train.py of other packages, and on other methods."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from small_runs import data_root_options, train_small

from mmsca.visualization.curves import read_scalars

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    'package, config, options',
    [
        (
            'mmpretrain',
            'sca/swav_sca_r18_materials',
            ['train_dataloader.batch_size=8'],
        ),
        (
            'mmdet',
            'detection/mask-rcnn_r18_fpn_materials',
            ['model.backbone.init_cfg=None', 'train_cfg.val_interval=1'],
        ),
    ],
)
def test_runs_under_the_tool_of(
    package, config, options, material_scenes, run_tool, tmp_path
):
    folder = Path(importlib.util.find_spec(package).origin).parent
    theirs = os.path.relpath(folder / '.mim/tools/train.py', ROOT / 'tools')
    run_tool(
        *(theirs, f'configs/{config}.py', '--work-dir', tmp_path),
        *('--cfg-options', *data_root_options(config, material_scenes)),
        *('train_cfg.max_epochs=1', *options),
    )
    assert (tmp_path / 'last_checkpoint').is_file()


@pytest.mark.parametrize(
    'config',
    sorted((ROOT / 'configs/sca/methods').glob('*.py')),
    ids=lambda path: path.stem,
)
def test_sca_on_other_methods(config, material_scenes, tmp_path):
    train_small(config, material_scenes, tmp_path)
    steps, losses = read_scalars(tmp_path, 'loss')
    assert len(steps) == 5 and np.isfinite(losses).all()

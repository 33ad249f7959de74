"""The configs of the project on a handful of images."""

import json
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import nn

from mmsca.apis.train import train
from mmsca.comparison.project import moved_options
from mmsca.datasets.archives import NAMES
from mmsca.utils.config_names import find_config

SMALL = (
    'train_cfg.max_epochs=1',
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'default_hooks.logger.interval=1',
)


def data_root_options(config, data_root: Path) -> tuple[str, ...]:
    """`key=value` for --cfg-options: read a data set of the tests."""
    file = find_config(config)
    return tuple(
        option
        for name in ('material_scenes', 'folder', *NAMES)
        for option in moved_options(file, Path('data', name), data_root)
    )


def train_small(config, data_root: Path, work_dir: Path, *options) -> None:
    """Train for an epoch; `key=value` options change more."""
    fields = (*data_root_options(config, data_root), *SMALL, *options)
    train([str(config), f'--work-dir={work_dir}', '--cfg-options', *fields])


def logged(work_dir: Path) -> list[dict]:
    """Lines of the scalars of all runs in a work directory, in their order."""
    files = sorted(work_dir.glob('*/vis_data/scalars.json'))
    lines = [line for file in files for line in file.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def load_config(config) -> Config:
    """A config, whose bare types are found from now on."""
    cfg = Config.fromfile(find_config(config))
    init_default_scope(cfg.default_scope)
    return cfg


def build_model(config) -> nn.Module:
    """Its model, with the same random weights every time."""
    cfg = load_config(config)
    cfg.model.backbone.init_cfg = None
    torch.manual_seed(0)
    return MODELS.build(cfg.model)


def save_untrained(config, path: Path, **content) -> Path:
    """Write what a training would, and `content` beside it."""
    weights = build_model(config).state_dict()
    torch.save(dict(state_dict=weights, **content), path)
    return path

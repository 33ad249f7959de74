"""What the scores of a stage depend on, as eight digits.

The digits name folders, so that other settings find other folders and
nothing has to be judged out of date; a record keeps them, so that a table can
say which settings have changed since.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from mmsca.comparison.project import resolve
from mmsca.comparison.table import Backbone, Data, Evaluation, Table

# What mmengine's Runner builds from. Other names of a config are its own
# variables, such as a pipeline that two loaders share.
MODEL = ('model', 'data_preprocessor', 'default_scope', 'coco_folder')
TRAIN = (
    'train_dataloader',
    'train_cfg',
    'val_dataloader',
    'val_cfg',
    'optim_wrapper',
    'param_scheduler',
    'custom_hooks',
    'randomness',
)
TEST = ('test_dataloader', 'test_cfg', 'test_evaluator')
FIELDS = {
    'train.py': MODEL + TRAIN,
    'test.py': MODEL + TEST,
    'knn.py': (*MODEL, 'train_dataloader', 'test_dataloader'),
}
# Hooks under a name that change weights; others watch and save.
TRAINING_HOOKS = (
    'mmsca.PrototypeHook',
    'mmsca.FreezeHook',
    'mmsca.PreciseBNHook',
)
# Neither speed nor what is written changes a score.
INERT = {
    'num_workers',
    'persistent_workers',
    'pin_memory',
    'prefetch_factor',
    'seed',
}


def digits(content) -> str:
    """Eight hexadecimal digits of what JSON can hold."""
    text = json.dumps(content, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def pretrain_settings(backbone: Backbone, table: Table) -> str:
    """Digits of what the weights of a backbone depend on, but its seed."""
    if backbone.checkpoint:
        return file_digits(backbone.checkpoint)
    if not backbone.pretrain:
        return digits(None)
    options = backbone.options
    return _settings('train.py', backbone.pretrain, options, (), table.data)


def evaluation_settings(evaluation: Evaluation, table: Table) -> str:
    """Digits of what an evaluation adds to those of the backbone."""
    # What a run puts in place of it is part of the backbone.
    options = (*evaluation.options, 'model.backbone.init_cfg=None')
    content = [evaluation.tool, evaluation.config, options]
    written = ()
    if table.data.written:
        folder = table.data_root / table.data.written
        files = {f.name: file_digits(f) for f in sorted(folder.glob('*'))}
        written = (digits(files),)
    return _settings(*content, evaluation.arguments, table.data, written)


@cache
def file_digits(file: Path) -> str:
    """Digits of the content of a file."""
    content = hashlib.sha256()
    with file.open('rb') as stream:
        while block := stream.read(1 << 20):
            content.update(block)
    return content.hexdigest()[:8]


@cache
def _settings(
    tool: str,
    file: Path,
    options: tuple[str, ...],
    arguments: tuple[str, ...],
    data: Data,
    written: tuple[str, ...] = (),
) -> str:
    cfg = resolve(file, options).to_dict()
    named = cfg.get('default_hooks', {}).values()
    hooks = [hook for hook in named if hook and hook['type'] in TRAINING_HOOKS]
    if hooks:
        cfg['custom_hooks'] = [*hooks, *(cfg.get('custom_hooks') or ())]
    fields = {
        name: _plain(cfg[name], data.root)
        for name in FIELDS[tool]
        if cfg.get(name) is not None
    }
    content = [tool, fields, list(arguments), list(data.arguments)]
    return digits([*content, *written])


def _plain(node, root: Path):
    """Without what does not change scores, and without the place of data."""
    if isinstance(node, dict):
        return {
            key: _plain(value, root)
            for key, value in node.items()
            if key not in INERT
        }
    if isinstance(node, (list, tuple)):
        return [_plain(value, root) for value in node]
    if isinstance(node, str) and Path(node).is_relative_to(root):
        return f'data/{Path(node).relative_to(root)}'
    return node

"""A comparison made of pretraining configs and of values for their fields."""

import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from mmsca.comparison.fields import make_table
from mmsca.comparison.project import read_config, resolve
from mmsca.comparison.table import Table
from mmsca.utils.config_names import configs_folder
from mmsca.utils.errors import InputError

# Commas that divide values, not those within the brackets of one.
COMMA = re.compile(r',(?![^\[(]*[\])])')


def make_ablation(
    files: Sequence[Path],
    settings: Sequence[str],
    seeds: Sequence[int],
    options: dict,
) -> Table:
    """A table with a row for each config and each combination of values.

    It is evaluated as configs/_base_/evaluations/ says for the data of the
    first config. The first row is the control.

    Args:
        files (Sequence[Path]): Configs of tools/train.py.
        settings (Sequence[str]): Such as `model.weight=0,0.3,0.7`.
        seeds (Sequence[int]): Of each row.
        options (dict): Fields of the table that replace others.

    Raises:
        InputError: If a config is missing or two have one name, if a setting
            has no value, or if there is no evaluation for the data.
    """
    choices = []
    for setting in settings:
        key, equals, values = setting.partition('=')
        if not key or not equals or not values:
            raise InputError(
                f'--set {setting}: expected KEY=VALUE,VALUE,... such as '
                'model.weight=0,0.3,0.7.'
            )
        choices.append([f'{key}={value}' for value in COMMA.split(values)])
    backbones = {}
    for file in files:
        for combination in product(*choices):
            several = len(files) > 1 or not combination
            parts = [file.stem] * several + list(combination)
            name = re.sub(r'[^\w.=-]+', '_', '-'.join(parts))
            if name in backbones:
                raise InputError(
                    f"Two rows have the name '{name}', which is that of "
                    'their folders. Rename one of the configs, or give each '
                    'value once.'
                )
            backbones[name] = dict(
                title=', '.join(parts),
                pretrain=str(file),
                options=list(combination),
            )
    title = 'Ablation of ' + ', '.join(file.stem for file in files)
    fields = dict(title=title, seeds=list(seeds), backbones=backbones)
    cfg = resolve(evaluations_for(files[0]), options)
    return make_table('ablation', cfg.to_dict() | fields)


def evaluations_for(file: Path) -> Path:
    """The evaluations that read the data of a pretraining config."""
    dataset = read_config(file).get('train_dataloader', {}).get('dataset', {})
    root = dataset.get('data_root')
    known = {}
    for path in sorted((configs_folder() / '_base_/evaluations').glob('*.py')):
        data = read_config(path).get('data')
        if data:  # or it is only inherited by others
            known.setdefault(str(data.root), path)
    if root not in known:
        raise InputError(
            f"The config '{file}' has no `backbones`, as comparisons do, and "
            f"trains on '{root}', for which there are no evaluations; there "
            f'are for {", ".join(known)}. Write a comparison that inherits '
            'one of configs/_base_/evaluations.'
        )
    return known[root]

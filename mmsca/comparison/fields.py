"""A comparison from the fields of its config, all of them checked."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path

from mmsca.comparison.table import (
    Backbone,
    Data,
    Evaluation,
    Table,
    fault,
    one_of,
)
from mmsca.utils.config_names import find_config
from mmsca.utils.errors import InputError

TOOLS = ('train.py', 'test.py', 'knn.py')


def make_table(name: str, given: Mapping) -> Table:
    """A comparison from its fields; others are variables of its config.

    Raises:
        InputError: If a field is missing or unknown, or names what does not
            exist.
    """
    where = f"the comparison '{name}'"
    for field in ('title', 'data', 'evaluations', 'backbones'):
        if not given.get(field):
            raise fault(
                f'{where} has no `{field}`. A comparison inherits one '
                'of configs/_base_/evaluations and has a `title` and '
                '`backbones`; see docs/compare.md.'
            )
    data = read(Data, given['data'], f'`data` of {where}')
    data = replace(data, root=Path(data.root))
    evaluations = read_evaluations(where, given['evaluations'])
    written = {c: e.name for e in evaluations.values() for c in e.columns}
    for column in given.get('columns', ()):
        one_of(written, column, f'`columns` of {where}')
    seeds = given.get('seeds', [0])
    backbones = {
        key: read_backbone(where, dict(seeds=seeds, name=key) | value)
        for key, value in given['backbones'].items()
    }
    titles = [backbone.title for backbone in backbones.values()]
    if twice := [title for title in titles if titles.count(title) > 1]:
        raise fault(
            f"{where} has two backbones with the title '{twice[0]}'. "
            'Expected one row of each name; rename one of them.'
        )
    control = given.get('control', next(iter(backbones)))
    pairs = [(key, control) for key in backbones if key != control]
    names = dict(
        control=[control],
        compare=[key for pair in given.get('compare', ()) for key in pair],
        small=given.get('small', {}).get('backbones', ()),
    )
    for field, keys in names.items():
        for key in keys:
            one_of(backbones, key, f'`{field}` of {where}')
    for backbone in backbones.values():
        for key in backbone.skip:
            one_of(evaluations, key, f"`skip` of '{backbone.name}' of {where}")
    own = {field.name for field in fields(Table)}
    return Table(
        **{key: value for key, value in given.items() if key in own}
        | dict(
            name=name,
            data=data,
            data_root=Path(given.get('data_root', data.root)),
            evaluations=tuple(evaluations.values()),
            columns={c: written[c] for c in given.get('columns', written)},
            backbones=tuple(backbones.values()),
            control=control,
            compare=tuple(map(tuple, given.get('compare', pairs))),
            records=given.get('records') and Path(given['records']),
        )
    )


def read_evaluations(where: str, given: Mapping) -> dict[str, Evaluation]:
    """Name -> evaluation; None takes out an inherited one."""
    evaluations, trained, left_out = {}, [], []
    for name, value in given.items():
        if value is None or value.get('weights') in left_out:
            left_out.append(name)
            continue
        place = f"the evaluation '{name}' of {where}"
        columns = {
            column: (source, 1.0) if isinstance(source, str) else tuple(source)
            for column, source in value.get('columns', {}).items()
        }
        value = value | dict(name=name, columns=columns)
        evaluation = read(Evaluation, value, place)
        one_of(TOOLS, evaluation.tool, f'`tool` of {place}')
        if evaluation.weights is not None:
            one_of(trained, evaluation.weights, f'`weights` of {place}')
        if evaluation.tool == 'train.py':
            trained.append(name)
        evaluations[name] = replace(
            evaluation,
            config=existing_config(evaluation.config, place),
            timm=evaluation.timm and existing_config(evaluation.timm, place),
        )
    return evaluations


def read_backbone(where: str, given: Mapping) -> Backbone:
    """A row of the table."""
    where = f"the backbone '{given['name']}' of {where}"
    backbone = read(Backbone, given, where)
    pretrain, checkpoint = backbone.pretrain, backbone.checkpoint
    if pretrain and (checkpoint or backbone.timm):
        raise fault(
            f'{where} has `pretrain` and also `checkpoint` or `timm`. '
            'A backbone is pretrained, or read from a file.'
        )
    if checkpoint:
        checkpoint = Path(checkpoint).expanduser()
        if not checkpoint.is_file():
            raise fault(
                f"{where} is to be read from '{checkpoint}', which "
                'does not exist. Expected the path of a checkpoint file.'
            )
    pretrain = pretrain and existing_config(pretrain, where)
    return replace(backbone, pretrain=pretrain, checkpoint=checkpoint)


def read(cls: type, given: Mapping, where: str):
    """An object of a dataclass from the fields of a config."""
    known = {field.name: field for field in fields(cls)}
    for key in given:
        one_of(known, key, where)
    for key, field in known.items():
        if key not in given and field.default is MISSING:
            raise fault(f'{where} has no `{key}`. Add it.')
    return cls(
        **{
            key: tuple(value) if isinstance(value, list) else value
            for key, value in given.items()
        }
    )


def existing_config(name: str, where: str) -> Path:
    """Path of a config, if it is there."""
    try:
        return find_config(name)
    except InputError as error:
        raise fault(f'{where}: {error}') from error

"""The settings of a training, and what changed in them."""

import ast
import re

# Fields that a training is made of, and those among them that change nothing
# in it: hooks that watch and save, how fast data comes, and weights that a
# checkpoint replaces.
TRAINING = (
    'auto_scale_lr',
    'custom_hooks',
    'default_hooks',
    'model',
    'optim_wrapper',
    'randomness',
    'train_cfg',
    'train_dataloader',
)
WITHOUT_EFFECT = re.compile(
    r'default_hooks\.(?!prototypes\b|frozen\b)'
    r'|train_dataloader\.(num_workers|persistent_workers|pin_memory'
    r'|prefetch_factor|timeout)$'
    r'|train_cfg\.(val_|dynamic_intervals)'
    r'|model\.test_cfg\b'
    r'|model\..*\binit_cfg\b'
)

Change = tuple[str, object, object]


def changes(before: str, after: str) -> list[Change]:
    """What differs between two trainings, from their `Config.pretty_text`.

    Returns:
        list[tuple]: Name of each field, such as 'optim_wrapper.optimizer.lr',
        and its two values; '-' where there is none.
    """
    old, new = (
        {key: parse_fields(text).get(key) for key in TRAINING}
        for text in (before, after)
    )
    return [
        change
        for change in differences(old, new)
        if not WITHOUT_EFFECT.match(change[0])
    ]


def differences(old: dict, new: dict) -> list[Change]:
    """Fields of nested dictionaries and lists that differ, see `changes`."""
    old, new = flat(old), flat(new)
    return [
        (key, old.get(key, '-'), new.get(key, '-'))
        for key in sorted(old.keys() | new.keys())
        if old.get(key, '-') != new.get(key, '-')
    ]


def parse_fields(text: str) -> dict:
    """The fields of a `Config.pretty_text`, which is not executed.

    Returns:
        dict: Values of literals and `dict(...)`; the text of others.

    Raises:
        SyntaxError: It is no Python.
    """
    return {
        node.targets[0].id: _value(node.value)
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign)
    }


def _value(node: ast.expr):
    if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'dict':
        fields = {k.arg: _value(k.value) for k in node.keywords}
        for keys in node.args:  # dict({'b-c': 1})
            fields |= _value(keys)
        return fields
    if isinstance(node, ast.Dict):
        keys = map(_value, node.keys)
        return dict(zip(keys, map(_value, node.values), strict=True))
    if isinstance(node, (ast.List, ast.Tuple)):
        values = [_value(element) for element in node.elts]
        return tuple(values) if isinstance(node, ast.Tuple) else values
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def flat(node, key: str = '') -> dict[str, object]:
    """Fields by their dotted names; lists of plain values stay whole."""
    if isinstance(node, dict):
        items = node.items()
    elif isinstance(node, (list, tuple)) and any(
        isinstance(value, (dict, list)) for value in node
    ):
        items = enumerate(node)
    else:
        return {key: as_lists(node)}
    fields = {}
    for name, value in items:
        fields |= flat(value, f'{key}.{name}' if key else str(name))
    return fields


def as_lists(node):
    """With lists in place of tuples, which a config does not tell apart."""
    if isinstance(node, (list, tuple)):
        return [as_lists(value) for value in node]
    return node

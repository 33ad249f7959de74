"""Options and fields that nothing would read, by what reads them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from difflib import get_close_matches
from importlib import import_module

import mmengine.registry
from mmengine.config import Config
from mmengine.dataset import worker_init_fn
from mmengine.optim import OptimWrapper
from mmengine.registry import Registry
from mmengine.runner import (
    EpochBasedTrainLoop,
    IterBasedTrainLoop,
    LogProcessor,
    Runner,
    TestLoop,
    ValLoop,
)
from mmengine.utils import get_object_from_string
from torch.utils.data import DataLoader

from mmsca.utils.config_fields import (
    nearest,
    parameters,
    read_fields,
    run_fields,
)
from mmsca.utils.errors import InputError

# Read by whoever builds a node, before its class gets the rest.
OF_BUILDERS = {
    '_delete_',
    '_scope_',
    'type',
    'name',
    'priority',
    'init_cfg',
    'requires_grad',
    'convert_to_iter_based',
}
# What is built without a `type`, and more that its builder reads.
UNTYPED: dict[str, tuple[tuple[Callable, ...], set[str]]] = {
    'train_dataloader': ((DataLoader,), {'num_batch_per_epoch'}),
    'train_cfg': ((EpochBasedTrainLoop, IterBasedTrainLoop), {'by_epoch'}),
    'val_cfg': ((ValLoop,), set()),
    'test_cfg': ((TestLoop,), set()),
    'optim_wrapper': ((OptimWrapper,), {'constructor', 'paramwise_cfg'}),
    'log_processor': ((LogProcessor,), set()),
    'randomness': ((Runner.set_randomness,), set()),
    'auto_scale_lr': ((), {'enable', 'base_batch_size'}),
    'env_cfg': (
        (),
        {'cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'},
    ),
}
UNTYPED['val_dataloader'] = UNTYPED['train_dataloader']
UNTYPED['test_dataloader'] = UNTYPED['train_dataloader']
WORKER = parameters(worker_init_fn)


def check_names(cfg: Config, source: str) -> None:
    """Refuse a top-level field that is almost one that a run reads.

    Others are helper variables of the file.
    """
    for name in cfg:
        if name not in run_fields() and not name.startswith('_'):
            if found := get_close_matches(name, run_fields(), 1, cutoff=0.9):
                raise InputError(
                    f"The config '{source}' sets {name}, which nothing "
                    f"reads. Did you mean '{found[0]}'? Rename a helper "
                    'variable, or let its name begin with an underscore.'
                )


def merge_options(cfg: Config, options: dict) -> None:
    """Merge options, values by paths, and refuse those that change nothing.

    Raises:
        InputError: If an option does not lead to a field that is read; the
            message names the nearest.
    """
    before = deepcopy(cfg._cfg_dict)
    replaced = tuple(
        option.removesuffix('_delete_')
        for option in options
        if option.endswith('._delete_')
    )
    for option in options:
        if not option.startswith(replaced):
            check_path(option, before)
    try:
        cfg.merge_from_dict(deepcopy(options))
    # mmengine builds a tree of the options without looking.
    except (AttributeError, TypeError) as error:
        raise InputError(
            f'--cfg-options {" ".join(options)}: one of them sets a field, '
            f'another a part of it ({error}). Give one.'
        ) from error
    for option in options:
        check_option(option, before, cfg)
    check_copies(options, before, cfg)


def check_path(option: str, node) -> None:
    """Refuse an option that leads through what has no parts."""
    path = ''
    for part in option.split('.'):
        if isinstance(node, (list, tuple)):
            if not part.isdigit() or int(part) >= len(node):
                raise InputError(
                    f'--cfg-options {option}: {path} is a list of '
                    f'{len(node)}. Expected a number below {len(node)} in '
                    f"place of '{part}'."
                )
            part = int(part)
        elif not isinstance(node, dict):
            raise InputError(
                f'--cfg-options {option}: {path} is {node!r}, which has no '
                'fields.'
            )
        elif part not in node:
            return
        node = node[part]
        path = f'{path}.{part}' if path else str(part)


def check_option(option: str, before: dict, cfg: Config) -> None:
    """Refuse an option that makes a field which nothing reads."""
    path, was, now = '', before, cfg._cfg_dict
    for part in option.split('.'):
        if part == '_delete_':  # gone after merging
            return
        if isinstance(now, (list, tuple)):
            part = int(part)
            was = was[part] if isinstance(was, (list, tuple)) else None
        else:
            known = was if isinstance(was, dict) else {}
            if part not in known:
                check_new(part, path, set(known), now, cfg, option)
            was = known.get(part)
        path = f'{path}.{part}' if path else str(part)
        now = now[part]


def check_new(
    part: str, path: str, siblings: set, node: dict, cfg: Config, option: str
) -> None:
    """Refuse a field that an option adds to a node at a path."""
    names = names_read(path, node, cfg)
    if names is None:
        # What is read here is unknown, but a typo of a known name shows.
        if not (found := get_close_matches(part, siblings, 1, cutoff=0.8)):
            return
        names = set(found)
    if part not in names:
        where = f'{path} ({node["type"]})' if 'type' in node else path
        raise InputError(
            f'--cfg-options {option}: {where or "the config"} has no field '
            f"'{part}' and nothing would read it."
            f'{nearest(part, names | siblings)}'
        )


def names_read(path: str, node: dict, cfg: Config) -> set[str] | None:
    """Names of the fields that a node can have, None if nobody says so."""
    if not path:
        return set(run_fields())
    if path == 'default_hooks':
        hooks = node.items()
        return {
            name
            for name, hook in hooks
            if hook is None or (isinstance(hook, dict) and 'type' in hook)
        }
    callables, more = UNTYPED.get(path, ((), set()))
    more = OF_BUILDERS | more
    if path.endswith('dataloader'):
        more |= {'dataset', 'num_batch_per_epoch'} | WORKER
    if 'type' in node:
        callables = classes(node['type'], cfg.get('default_scope'))
    elif path not in UNTYPED:
        return None
    found = [parameters(c) for c in callables]
    if None in found or ('type' in node and not found):
        return None
    return more.union(*found)


def classes(name, scope: str | None) -> list[Callable]:
    """What a `type` can be, over all registries.

    `Registry.get` would also try to import each name that it lacks, which
    takes most of the time that a config is checked for.
    """
    if not isinstance(name, str):
        return [name]
    prefix, key = name.split('.', 1) if '.' in name else (scope, name)
    with suppress(Exception):  # a name may be anything
        import_module(f'{prefix}.registry')
    found = []
    for registry in vars(mmengine.registry).values():
        if isinstance(registry, Registry):
            child = registry.children.get(prefix, registry)
            child.import_from_location()
            of_root = registry.module_dict.get(key)
            found.append(child.module_dict.get(key, of_root))
    if not any(found):
        with suppress(Exception):
            found = [get_object_from_string(name)]  # torch.optim.SGD
    return [cls for cls in found if callable(cls)]


def check_copies(options: dict, before: dict, cfg: Config) -> None:
    """Refuse an option for a helper variable, which no run reads.

    A config file copies `data_root` into its dataloaders when it is read. It
    may change if all its copies do.
    """
    for name in {option.partition('.')[0] for option in options}:
        if name in run_fields() or cfg[name] == before[name]:
            continue
        copies = copies_of(name, before[name], cfg)
        if copies:
            raise InputError(
                f'--cfg-options {name}: this is a variable of the config '
                'file, whose value was copied when the file was read. Set '
                f'{", ".join(copies[:4])} instead.'
            )
        if not copies_of(name, before[name], before):
            raise InputError(
                f'--cfg-options {name}: this is a variable of the config '
                'file, and a run does not read it. Set the fields that the '
                'file makes of it.'
            )


def copies_of(name: str, value, cfg: Mapping) -> list[str]:
    """Paths of the fields that have their value from a variable."""
    return [
        path
        for path, field in read_fields(cfg)
        if is_copy(field, value, path.endswith(f'.{name}'))
    ]


def is_copy(value, old, same_name: bool) -> bool:
    """Whether a field has its value from a variable."""
    if isinstance(old, str) and isinstance(value, str) and len(old) > 1:
        return value == old or value.startswith(f'{old.rstrip("/")}/')
    comparable = same_name or (isinstance(old, (dict, list, tuple)) and old)
    return bool(comparable) and type(value) is type(old) and value == old

"""Fields of a config by their paths, and what their names can be."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache

# Read by Runners, their subclasses or the tools, besides the arguments of
# Runner.
MORE_RUN_FIELDS = {
    'activation_checkpointing',
    'coco_folder',
    'compile',
    'custom_imports',
    'efficient_conv_bn_eval',
    'find_unused_parameters',
    'model_wrapper_cfg',
    'runner_type',
    'strategy',
    'sync_bn',
    'tta_model',
    'tta_pipeline',
}
PASSES_ON = re.compile(r'\.__init__\((?:[^()]|\([^()]*\))*\*\*\w+')


@cache
def run_fields() -> frozenset[str]:
    """The top-level fields of a config that a run reads."""
    from mmengine.runner import Runner

    return frozenset(MORE_RUN_FIELDS | parameters(Runner))


def fields(node, path: str = '') -> Iterator[tuple[str, object]]:
    """Path and value of everything in a config, what holds it first.

    Args:
        node (Config | dict | list): The config, or its part at `path`.

    Yields:
        tuple[str, object]: Such as `custom_hooks.0.interval` and 5.
    """
    if isinstance(node, Mapping):
        items = node.items()
    elif isinstance(node, (list, tuple)):
        items = enumerate(node)
    else:
        return
    for key, value in items:
        below = f'{path}.{key}' if path else str(key)
        yield below, value
        yield from fields(value, below)


def read_fields(cfg: Mapping) -> Iterator[tuple[str, object]]:
    """:func:`fields` without the helper variables of a config file."""
    for key in cfg:
        if key in run_fields():
            yield key, cfg[key]
            yield from fields(cfg[key], key)


@cache
def parameters(function: Callable) -> frozenset[str] | None:
    """Names of the arguments that a class or function takes.

    Args:
        function (Callable): Where a class passes `**kwargs` on to its base,
            the arguments of the base count.

    Returns:
        frozenset[str] | None: None if it takes any.
    """
    inits = [function]
    if inspect.isclass(function):
        owners = [c for c in function.__mro__ if '__init__' in vars(c)]
        inits = [owner.__init__ for owner in owners if owner is not object]
    names = set()
    for init in inits:
        try:
            found = inspect.signature(init).parameters.values()
        except ValueError:  # written in C
            return None
        names |= {p.name for p in found if p.kind not in (2, 4)} - {'self'}
        if all(p.kind is not p.VAR_KEYWORD for p in found):
            return frozenset(names)
        if not PASSES_ON.search(inspect.getsource(init)):
            return None
    return frozenset(names)  # object takes nothing


def nearest(name: str, names: Iterable[str]) -> str:
    """The question for the name that was meant, '' if none is like it."""
    lower = {n.lower(): n for n in names}
    found = get_close_matches(str(name).lower(), lower, n=1, cutoff=0.6)
    return f" Did you mean '{lower[found[0]]}'?" if found else ''

"""Which field of a config a constructor refused.

mmengine's builders raise what a constructor raises. Their frames in the
traceback hold the part of the config that was being built.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FrameType

from mmengine.config import Config
from mmengine.optim import DefaultOptimWrapperConstructor
from mmengine.registry import Registry, build_functions

from mmsca.utils.config_fields import nearest, parameters, read_fields

UNEXPECTED = re.compile(
    r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'"
)
# Names of the locals of mmengine's builders: config and what it names.
BUILDERS = {
    build_functions.build_from_cfg.__code__: ('cfg', 'obj_cls'),
    build_functions.build_scheduler_from_cfg.__code__: (
        'cfg',
        'scheduler_cls',
    ),
    build_functions.build_runner_from_cfg.__code__: ('cfg', 'runner_cls'),
    DefaultOptimWrapperConstructor.__call__.__code__: (
        'optimizer_cfg',
        'optimizer_cls',
    ),
}


@dataclass
class Node:
    """A part of the config that was being built.

    Args:
        cfg (Mapping): Its fields.
        type (str | type): What it says to build.
        cls (Callable): What that is; something else if nothing is.
        registry (Registry): Where it was looked up.
    """

    cfg: Mapping
    type: object
    cls: object
    registry: Registry


def building_failure(
    error: Exception, frames: list[FrameType], text: str, cfg: Config | None
) -> str | None:
    """The sentence for an error of a constructor, None for another one.

    `frames` are those of its traceback, `text` is its message.
    """
    node = innermost_node(frames)
    if unexpected := UNEXPECTED.search(str(error)):
        return unexpected_argument(*unexpected.groups(), frames, node, cfg)
    if node is None:
        return None
    path = path_of(node, cfg)
    if not callable(node.cls) and not isinstance(error, ImportError):
        near = nearest(node.type, registered_names(node.registry))
        return (
            f"{path}.type is '{node.type}', which is not in the registry of "
            f'{node.registry.name}s.{near}'
        )
    blamed = [
        f'{path}.{key}={value!r}'
        for key, value in node.cfg.items()
        if key != 'type' and re.search(rf'\b{re.escape(key)}\b', text)
    ]
    said = f'{path} ({node.type}) cannot be built: {text.rstrip(".")}'
    return said + (f'. See {", ".join(blamed)}' if blamed else '')


def innermost_node(frames: list[FrameType]) -> Node | None:
    for frame in reversed(frames):
        if frame.f_code in BUILDERS:
            local = frame.f_locals
            cfg, cls = (local.get(name) for name in BUILDERS[frame.f_code])
            kind = (cfg or {}).get('type') or local.get('obj_type')
            if kind and 'registry' in local:
                return Node(cfg, kind, cls, local['registry'])
    return None


def unexpected_argument(
    name: str,
    argument: str,
    frames: list[FrameType],
    node: Node | None,
    cfg: Config | None,
) -> str:
    """The sentence for an argument that a constructor does not know."""
    paths = [
        path
        for path, _ in (read_fields(cfg) if cfg else ())
        if path.rpartition('.')[2] == argument
    ]
    start = path_of(node, cfg) if node else ''
    if node:
        paths = [p for p in paths if p.startswith(f'{start}.')] or paths
    where = ' or '.join(paths[:3]) or f'{start}.{argument}'.strip('.')
    called = node.cls if node else None
    if getattr(called, '__name__', None) != name:
        called = callee(name, frames[-1]) or called
    names = parameters(called) if called else None
    said = f'{where} is no argument of {name}.'
    if names:
        known = ', '.join(sorted(names))
        said += nearest(argument, names) or f' Known are {known}.'
    return said


def callee(name: str, frame: FrameType):
    """The class or function of this name that a frame called."""
    if callable(found := frame.f_globals.get(name)):
        return found
    for value in frame.f_locals.values():
        for cls in type(value).__mro__ + (value,):
            if inspect.isclass(cls) and cls.__name__ == name:
                return cls
    return None


def path_of(node: Node, cfg: Config | None) -> str:
    """Where a node stands in the config.

    Its builder may have changed it already, so the node of the same type
    with the most fields in common is taken.
    """
    best, most = str(node.type), -1
    for path, value in read_fields(cfg) if cfg else ():
        if isinstance(value, Mapping) and value.get('type') == node.type:
            common = sum(
                key in node.cfg and is_same(node.cfg[key], value[key])
                for key in value
            )
            if common > most:
                best, most = path, common
    return best


def is_same(a, b) -> bool:
    """Whether two fields are equal; objects that were built are not."""
    plain = (str, int, float, bool, type(None), list, tuple, dict)
    return isinstance(a, plain) and isinstance(b, plain) and a == b


def registered_names(registry: Registry) -> Iterator[str]:
    """The names that a registry knows, those of other scopes with prefix."""
    while registry is not None:
        yield from registry.module_dict
        root, registry = registry, registry.parent
    for scope, child in root.children.items():
        yield from (f'{scope}.{name}' for name in child.module_dict)

"""Command lines of the tools, as one would type them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mmsca
from mmsca.apis.config_file import read_config
from mmsca.apis.options import write_option
from mmsca.apis.suites import SUITES

DATA_ROOTS = {suite.data_root for suite in SUITES.values()}


def project_root() -> Path:
    """Folder of tools/ and configs/: the clone, or what pip installed."""
    installed = Path(mmsca.__file__).parent / '.mim'
    return (installed / 'tools').resolve().parent


def short(path: Path) -> Path:
    """Relative to the current directory, if that holds the path."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def tool(name: str) -> Path:
    """Path of a tool, such as `train.py`."""
    return short(project_root() / 'tools' / name)


def config(name: str) -> Path:
    """Path of a config, such as `sca/swav_r50.py`."""
    return short(project_root() / 'configs' / name)


@cache
def data_root_options(file: Path, data_root: Path) -> tuple[str, ...]:
    """Options that let the config of a suite read another folder.

    Args:
        file (Path): The config.
        data_root (Path): Where the data set is.

    Returns:
        tuple[str]: `key=value` for --cfg-options; empty if the config already
        says so.
    """
    return tuple(_moved(read_config(file).to_dict(), data_root))


def _moved(node, data_root: Path, key: str = '') -> Iterator[str]:
    if isinstance(node, dict):
        items = node.items()
    elif isinstance(node, (list, tuple)):
        items = enumerate(node)
    else:
        items = ()
        for root in DATA_ROOTS if isinstance(node, str) else ():
            if data_root != root and Path(node).is_relative_to(root):
                moved = data_root / Path(node).relative_to(root)
                yield write_option(key, str(moved))
    for name, value in items:
        yield from _moved(value, data_root, f'{key}.{name}' if key else name)

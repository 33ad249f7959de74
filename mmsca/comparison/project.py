"""Where the tools and configs are, and which state of them this is."""

import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from mmengine.config import Config

from mmsca.utils import config_file
from mmsca.utils.config_fields import read_fields
from mmsca.utils.config_names import project_root, short
from mmsca.utils.options import parse_options, write_option


def tool(name: str) -> Path:
    """Path of a tool, such as `train.py`."""
    return short(project_root() / 'tools' / name)


@cache
def read_config(file: Path) -> Config:
    """A config with what it inherits; not to be changed."""
    return config_file.read_config(file)


def resolve(file: Path, options: Mapping | Iterable[str]) -> Config:
    """A config after `key=value` options, as the tools read it."""
    if not isinstance(options, Mapping):
        options = parse_options(options)
    cfg = read_config(file).copy()
    cfg.merge_from_dict(options)
    return cfg


@cache
def moved_options(file: Path, old: Path, new: Path) -> tuple[str, ...]:
    """Options that let a config read the data in `new` and not in `old`.

    Returns:
        tuple[str]: `key=value` for --cfg-options.
    """
    if old == new:
        return ()
    return tuple(
        write_option(path, str(new / Path(value).relative_to(old)))
        for path, value in read_fields(read_config(file).to_dict())
        if isinstance(value, str) and Path(value).is_relative_to(old)
    )


@cache
def git_state() -> dict:
    """Commit of the project and whether files differ from it.

    Returns:
        dict: `commit`, None outside of a clone, and `dirty`.
    """

    def git(*arguments: str) -> str | None:
        command = ('git', '-C', project_root(), *arguments)
        try:
            result = subprocess.run(command, capture_output=True, text=True)
        except OSError:  # git is not installed
            return None
        return None if result.returncode else result.stdout.strip()

    commit = git('rev-parse', '--short=12', 'HEAD')
    changed = commit and git('status', '--porcelain', '-uno')
    return dict(commit=commit, dirty=bool(changed))

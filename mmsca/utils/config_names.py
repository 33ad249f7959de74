"""Configs by their names, in a clone and where pip installed them."""

from difflib import get_close_matches
from pathlib import Path

import mmsca
from mmsca.utils.errors import InputError


def project_root() -> Path:
    """Folder of tools/ and configs/: the clone, or what pip installed."""
    installed = Path(mmsca.__file__).parent / '.mim'
    return (installed / 'tools').resolve().parent


def short(path: Path) -> Path:
    """Relative to the current directory, if that holds the path."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def configs_folder() -> Path:
    return project_root() / 'configs'


def config_names() -> list[str]:
    """Names such as `sca/swav_r50`, sorted, without what is only inherited."""
    folder = configs_folder()
    files = (file.relative_to(folder) for file in folder.rglob('*.py'))
    return sorted(
        file.with_suffix('').as_posix()
        for file in files
        if file.parts[0] != '_base_'
    )


def config_name(file: Path) -> str:
    """What a command takes for a config: its name if it is one of ours."""
    file, ours = file.resolve(), configs_folder()
    if file.is_relative_to(ours):
        return file.relative_to(ours).with_suffix('').as_posix()
    return str(short(file))


def find_config(name: str | Path) -> Path:
    """A config by its path, or by the name of one that comes with mmsca.

    Args:
        name (str | Path): A path that exists is taken. Else a name such as
            `sca/swav_r50`, with or without `configs/` before and `.py` after
            it.

    Returns:
        Path: The file, relative to the current directory if it lies there.

    Raises:
        InputError: If there is neither; the message has names like it.
    """
    if Path(name).exists():
        return Path(name)
    wanted = Path(name).as_posix().removeprefix('configs/').removesuffix('.py')
    file = configs_folder() / f'{wanted}.py'
    if file.is_file():
        return short(file)
    names = config_names()
    near = [n for n in names if Path(n).name == Path(wanted).name]
    near = near or get_close_matches(wanted, names, cutoff=0.7)
    hint = f' Did you mean {" or ".join(near)}?' if near else ''
    raise InputError(
        f"The config '{name}' does not exist.{hint} Expected is a file, or a "
        'name that `mmsca configs` lists.'
    )

"""Reading a config file, and saying which line of which file is wrong."""

import ast
import traceback
from pathlib import Path

from mmengine.config import Config

from mmsca.utils.errors import InputError

ENDINGS = ('.py', '.json', '.yaml', '.yml')


def read_config(file: str | Path) -> Config:
    """Read a config, in Python, JSON or YAML, with what it inherits.

    Raises:
        InputError: If it or one of its bases is missing, is no config, has a
            dict with one key twice, or fails while it is executed; the
            message has the file and line.
    """
    path = Path(file)
    if path.is_dir():
        raise InputError(
            f"The config '{file}' is a folder. Expected a file, or a name "
            'that `mmsca configs` lists.'
        )
    if path.suffix not in ENDINGS:
        raise InputError(
            f"The config '{file}' ends in none of {', '.join(ENDINGS)}. "
            'Expected a Python file such as configs/sca/swav_r50.py.'
        )
    try:
        cfg = Config.fromfile(file)
    except InputError:
        raise
    except RecursionError as error:
        raise InputError(
            f"The config '{file}' inherits itself. Look for a circle in the "
            '`_base_` of its files.'
        ) from error
    # Whatever its code does.
    except (Exception, SystemExit) as error:
        raise InputError(fault(error, str(file))) from error
    if path.suffix == '.py':
        refuse_repeated_keys(path)
    return cfg


def refuse_repeated_keys(file: Path) -> None:
    """Refuse `{'a': 1, 'a': 2}`, of which Python drops one and says nothing.

    The bases of the file are read too.
    """
    tree = ast.parse(file.read_text(encoding='utf-8'))
    for node in ast.walk(tree):
        seen = set()
        for key in node.keys if isinstance(node, ast.Dict) else ():
            if not isinstance(key, ast.Constant):
                continue
            if key.value in seen:
                raise InputError(
                    f"The config '{file}', line {key.lineno}: a dict has the "
                    f'key {key.value!r} twice, and one of them would be lost. '
                    'Rename or remove one.'
                )
            seen.add(key.value)
    for base in Config._get_base_files(str(file)):
        if '::' not in base:  # of a package
            refuse_repeated_keys(file.parent / base)


def fault(error: BaseException, file: str) -> str:
    """The sentence for a config file that cannot be read."""
    opened = [file]
    line = getattr(error, 'lineno', None)
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == '_file2dict':
            opened.append(frame.f_locals.get('filename', file))
        elif frame.f_code.co_filename == opened[-1]:
            line = number
    place = f"'{opened[-1]}', line {line}" if line else f"'{opened[-1]}'"
    if isinstance(error, FileNotFoundError) and not line:
        if not Path(opened[-1]).exists():
            return (
                f"The config '{opened[-2]}' inherits '{opened[-1]}', which "
                'does not exist. Correct its `_base_`.'
            )
    if isinstance(error, SyntaxError):
        return f'The config {place} is not Python: {error.msg}.'
    reason = f'{type(error).__name__}: {error}'.rstrip(': .')
    return f'The config {place} cannot be read: {reason}.'

"""Places that results are written to, checked before the work is done."""

import tempfile
from pathlib import Path

from mmsca.utils.errors import InputError

RESULTS = ('.json', '.yaml', '.yml', '.pkl')  # that mmengine.dump writes


def check_folder(folder: str | Path, field: str) -> Path:
    """Make a folder to write to.

    Raises:
        InputError: If it cannot be made or nothing can be written there.
            The message says that `field` names it.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b'x')
            file.flush()
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            f"{field} is '{folder}', but '{first_file(folder)}' is a file. "
            'Name a folder.'
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise InputError(
            f"{field} is '{folder}', where nothing can be written: {reason}. "
            'Name another folder.'
        ) from error
    return folder


def first_file(folder: Path) -> Path:
    """What on the way to a folder is none."""
    way = [folder, *folder.parents]
    return next((p for p in way if p.exists() and not p.is_dir()), folder)


def check_new_file(
    file: str | Path, field: str, endings: tuple[str, ...] = ()
) -> None:
    """As :func:`check_file`, for a file that must not exist."""
    if check_file(file, field, endings).exists():
        raise InputError(
            f"'{file}' exists and is not overwritten. Name another file."
        )


def check_file(
    file: str | Path, field: str, endings: tuple[str, ...] = ()
) -> Path:
    """Check a file to write, which may exist, and make its folder.

    Raises:
        InputError: If it is a folder, has an ending that is not among those
            given, or cannot be written. The message says that `field` names
            it.
    """
    file = Path(file)
    if file.is_dir():
        raise InputError(
            f"{field} is '{file}', which is a folder. Name a file in it."
        )
    if endings and file.suffix not in endings:
        raise InputError(
            f"{field} is '{file}'. Expected a name that ends in "
            f'{" or ".join(endings)}.'
        )
    check_folder(file.parent, f'The folder of {field}')
    return file

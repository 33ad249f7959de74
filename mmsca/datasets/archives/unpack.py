"""Archives, opened where nothing can escape."""

import tarfile
import zipfile
from pathlib import Path

from mmsca.utils.errors import InputError


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip or tar file, whatever its compression.

    Args:
        archive (Path): The file.
        folder (Path): Where its content goes; no member may leave it.

    Raises:
        InputError: If the file is neither, is cut short, or a member would
            lie outside.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                file.extractall(folder)  # drops leading / and ..
        else:
            with tarfile.open(archive) as file:
                file.extractall(folder, filter='data')
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise InputError(
            f"The archive '{archive}' cannot be unpacked: {error}. Expected "
            'a whole zip or tar file; download it again.'
        ) from error


def find_root(folder: Path, marker: str) -> Path | None:
    """Where a file or folder `marker` lies: here, one below, or one above."""
    above = [folder.parent] if folder.name == marker else []
    for candidate in (*above, folder, *sorted(folder.iterdir())):
        if (candidate / marker).exists():
            return candidate
    return None

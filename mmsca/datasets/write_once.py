"""A file that several processes need and one of them writes."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from mmsca.utils.whole_file import whole_file


def write_once(
    file: Path, is_current: Callable[[], bool], write: Callable[[Path], None]
) -> None:
    """Have a file written by the first process, while the others wait.

    The lock is a file beside it, `.NAME.lock`: on a disk of the host each
    host writes its own, on a shared one a single process of all does. It
    ends with its process, however that ends, and unlike a barrier needs no
    agreement on who comes, so that separate runs may share the file.

    Args:
        file (Path): The file; its folder is made if missing.
        is_current (Callable): Whether the file is there as it should be.
        write (Callable): Writes the content to the path it is given.
    """
    if is_current():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_name(f'.{file.name}.lock')):
        if is_current():  # written while this process waited
            return
        with whole_file(file) as part:
            write(part)

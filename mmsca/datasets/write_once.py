"""A file that several processes need and one of them writes."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from mmsca.utils.whole_file import whole_file


def write_once(
    file: Path, is_current: Callable[[], bool], write: Callable[[Path], None]
) -> None:
    """Have a file written by the first process, while the others wait.

    The lock is a file beside it, `.NAME.lock`. On a local disk each host
    writes its own file; on a shared disk one process writes for all. The
    lock ends with its process, however that ends. Separate runs may share
    the file, as no barrier has to know who comes.

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

"""Files that are there as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Write a file beside its place, flush it, and rename it.

    Whatever stops the process or the machine, the file has its old content
    or all of the new. An error removes the `.part` file; after a kill the
    next writer replaces it. Two processes must not write one file at a time:
    see :func:`mmsca.utils.locked_folder.locked_folder`.

    Args:
        path (str | Path): The file; its folder is made if missing.

    Yields:
        Path: Where to write the content.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'.{path.name}.part')
    try:
        yield part
        with part.open('rb+') as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name as well
    finally:
        os.close(folder)


def write_whole(path: str | Path, content: bytes | str) -> None:
    """Write a file, a text as UTF-8; see :func:`whole_file`."""
    if isinstance(content, str):
        content = content.encode()
    with whole_file(path) as part:
        part.write_bytes(content)


@register_backend('atomic')
class AtomicBackend(LocalBackend):
    """mmengine's way to write files; see :func:`whole_file`."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        write_whole(filepath, obj)

    def put_text(
        self, obj: str, filepath: str | Path, encoding: str = 'utf-8'
    ) -> None:
        write_whole(filepath, obj.encode(encoding))


ATOMIC = dict(backend='atomic')  # the `backend_args` of mmengine.dump

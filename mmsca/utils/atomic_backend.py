"""The storage backend of checkpoints."""

from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from mmsca.utils.whole_file import whole_file


@register_backend('atomic')
class AtomicBackend(LocalBackend):
    """Local files, whole or not at all; see :func:`whole_file`."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write a file.

        Args:
            obj (bytes): Its content.
            filepath (str | Path): Where to; its folder is made if missing.
        """
        with whole_file(filepath) as part:
            part.write_bytes(obj)

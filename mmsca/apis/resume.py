"""What `--resume` continues from."""

import os
import sys
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from mmsca.utils.errors import InputError


def is_whole(path: Path) -> bool:
    """Whether all of a checkpoint is there, by the checksums inside it.

    Args:
        path (Path): A file that torch.save wrote, in its zip format.
    """
    try:
        with ZipFile(path) as archive:
            return archive.testzip() is None
    # Damage in the middle shows as whatever zipfile trips over.
    except (BadZipFile, OSError, EOFError, ValueError, NotImplementedError):
        return False


def checkpoints_in(folder: Path) -> list[Path]:
    return [*folder.glob('epoch_*.pth'), *folder.glob('iter_*.pth')]


def newest_whole_checkpoint(work_dir: str | Path) -> Path | None:
    """The last checkpoint of a run that can be resumed.

    Args:
        work_dir (str | Path): Work directory of the run.

    Returns:
        Path | None: None if nothing was saved yet.

    Raises:
        InputError: If there are checkpoints, but all of them are broken.
    """
    folder = Path(work_dir)
    paths = checkpoints_in(folder)
    last = folder / 'last_checkpoint'
    if not paths and last.is_file():
        # CheckpointHook has an out_dir. A copied work directory, whose
        # last_checkpoint names the original, goes on from its own files.
        folder = Path(last.read_text()).parent
        paths = checkpoints_in(folder)
    for path in sorted(paths, key=lambda p: p.stat().st_mtime_ns)[::-1]:
        if is_whole(path):
            return path
        if os.environ.get('RANK', '0') == '0':
            print(
                f"The checkpoint '{path}' is cut off or damaged; trying the "
                'one before.',
                file=sys.stderr,
            )
    if paths:
        raise InputError(
            f"No checkpoint in '{folder}' is whole. Name one with "
            '--resume CHECKPOINT, or start anew without --resume.'
        )
    return None

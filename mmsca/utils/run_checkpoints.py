"""The checkpoints in a work directory: what a run goes on from."""

import math
import os
import sys
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from mmsca.utils.checkpoint_reader import read_checkpoint
from mmsca.utils.errors import InputError
from mmsca.utils.whole_file import write_whole


def is_whole(path: Path) -> bool:
    """Whether all of a zip file of torch.save is there, by its checksums."""
    try:
        with ZipFile(path) as archive:
            return archive.testzip() is None
    # Damage in the middle shows as whatever zipfile trips over.
    except (BadZipFile, OSError, EOFError, ValueError, NotImplementedError):
        return False


def checkpoints_in(folder: Path) -> list[Path]:
    return [*folder.glob('epoch_*.pth'), *folder.glob('iter_*.pth')]


def iterations_in(path: Path, trust: bool = False) -> float:
    """Iterations of the training that wrote a checkpoint.

    They are infinite if the file cannot be read: it is then tried first, and
    its damage is reported.
    """
    try:
        return read_checkpoint(path, trust, mmap=True)['meta']['iter']
    except (InputError, LookupError, TypeError):
        return math.inf


def newest_whole_checkpoint(
    work_dir: str | Path, trust: bool = False
) -> Path | None:
    """The furthest checkpoint of a run that can be resumed, None without any.

    The iterations in the files decide, as copies have other times. For
    `trust` see `mmsca.utils.checkpoint_reader.read_checkpoint`.

    Raises:
        InputError: If there are checkpoints, but all of them are broken.
    """
    folder = Path(work_dir)
    paths = checkpoints_in(folder)
    last = folder / 'last_checkpoint'
    named = last.read_text().strip() if last.is_file() else ''
    if named and not paths:
        # CheckpointHook has an out_dir. A copied work directory, whose
        # last_checkpoint names the original, goes on from its own files.
        folder = Path(named).parent
        paths = checkpoints_in(folder)
    for path in sorted(paths, key=lambda p: iterations_in(p, trust))[::-1]:
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


def last_checkpoint(folder: Path) -> Path:
    """The checkpoint that `last_checkpoint` in a work directory names.

    mmengine writes the path that the run had; its name alone also finds the
    checkpoint after the directory has been moved. The path counts where the
    checkpoints lie elsewhere (`out_dir` of the hook). A file that names
    nothing is written anew.

    Raises:
        InputError: There is no checkpoint.
    """
    file = folder / 'last_checkpoint'
    named = file.read_text().strip() if file.is_file() else ''
    if named:
        here, there = folder / Path(named).name, Path(named)
        return there if there.is_file() and not here.is_file() else here
    newest = newest_whole_checkpoint(folder)
    if not newest:
        raise InputError(
            f"There is no checkpoint in '{folder}'. Expected those that "
            '`mmsca train` writes.'
        )
    write_whole(file, str(newest))
    return newest

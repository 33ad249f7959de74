"""The guard of a work directory: one run at a time, no run over another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmengine.config import Config

from mmsca.utils.errors import InputError
from mmsca.utils.locked_folder import locked_folder
from mmsca.utils.run_checkpoints import (
    checkpoints_in,
    iterations_in,
    last_checkpoint,
)

RANKS = dict(pytorch='RANK', slurm='SLURM_PROCID', mpi='OMPI_COMM_WORLD_RANK')


@contextmanager
def guarded_work_dir(cfg: Config, overwrite: bool) -> Iterator[None]:
    """Keep the work directory of a training to itself.

    Of several ranks the first takes the lock for all. With `overwrite`
    checkpoints of another run are deleted.

    Raises:
        InputError: Another process trains there, or a run that does not
            resume finds checkpoints.
    """
    if os.environ.get(RANKS.get(cfg.launcher, ''), '0') != '0':
        yield
        return
    folder = Path(cfg.work_dir)
    with locked_folder(folder):
        if cfg.get('resume'):
            if (folder / 'last_checkpoint').is_file():
                last_checkpoint(folder)
        elif overwrite:
            for path in [*checkpoints_in(folder), *folder.glob('best_*.pth')]:
                path.unlink()
            (folder / 'last_checkpoint').unlink(missing_ok=True)
        elif paths := checkpoints_in(folder):
            newest = max(paths, key=iterations_in)
            raise InputError(
                f"'{newest}' is of an earlier run. Add --resume to go on "
                'with it, --overwrite to delete its checkpoints and start '
                'anew, or choose another --work-dir.'
            )
        yield

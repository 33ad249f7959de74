"""One process at a time writes to a folder."""

import fcntl
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mmsca.utils.errors import InputError
from mmsca.utils.places import check_folder


@contextmanager
def locked_folder(folder: str | Path) -> Iterator[None]:
    """Keep other processes out of a folder, which is made if missing.

    The lock is POSIX's, on the file `.lock` in it. It ends with its process,
    however that ends, so that there are no stale ones. A lock of `flock`, as
    filelock takes it, would pass to the workers of data loaders, which
    outlive a killed process by seconds.

    Raises:
        InputError: Another process has the lock, or the folder cannot be
            written to.
    """
    folder = check_folder(folder, 'The work directory')
    with (folder / '.lock').open('a+', encoding='utf-8') as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            file.seek(0)
            holder = file.read() or 'another process'
            raise InputError(
                f"The work directory '{folder}' is in use by {holder}. Wait "
                'for it or end it, or choose another with --work-dir.'
            ) from error
        except OSError as error:  # of file systems without locks
            warnings.warn(
                f"'{folder}' cannot be locked ({error.strerror}). Start no "
                'second run in it.',
                stacklevel=2,
            )
        now = datetime.now().isoformat(' ', 'seconds')
        host = socket.gethostname()
        file.truncate(0)
        file.write(f'process {os.getpid()} on {host} since {now}')
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)

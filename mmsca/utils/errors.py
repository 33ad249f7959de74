"""The error of bad input: its message is all that a user needs."""

import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable


class InputError(ValueError):
    """A file, folder or field that cannot be used as it is.

    The message names it, says what was expected and how to mend it. The
    tools print it without a traceback and exit with code 1.
    """

    def __str__(self) -> str:
        # A worker of a data loader sends its traceback, which ends in this.
        name = f'{type(self).__module__}.{type(self).__qualname__}: '
        return super().__str__().rpartition(name)[2].rstrip('\n')


OPENMMLAB = r'(mmengine|mmcv|mmdet|mmpretrain)\b'
# What users cannot mend.
NOISE = (
    (FutureWarning, '', OPENMMLAB),
    (DeprecationWarning, '', OPENMMLAB),
    (UserWarning, 'Setting (OMP|MKL)_NUM_THREADS', OPENMMLAB),
    (UserWarning, 'Grad strides do not match bucket view strides', ''),
)


def quiet_dependencies() -> None:
    """Leave out warnings of OpenMMLab about its own calls."""
    for category, message, module in NOISE:
        warnings.filterwarnings('ignore', message, category, module)


def run_tool(main: Callable[[], object]) -> None:
    """Run a command-line tool; whatever it raises ends it with a sentence."""
    quiet_dependencies()
    try:
        main()
        sys.stdout.flush()
    except Exception as error:
        if isinstance(error, BrokenPipeError) and reader_left():
            # As `head` does when it has its lines. Nobody is to be told.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + signal.SIGPIPE)
        # What explains it imports much that a tool may not need.
        from mmsca.utils.failures import sentence_of

        sentence = sentence_of(error)
        if os.environ.get('RANK', '0') != '0':
            # All ranks mostly fail alike. The launcher ends the others when
            # the first has said its sentence, unless it did not fail.
            time.sleep(5)
        sys.exit(f'error: {sentence}')


def reader_left() -> bool:
    """Whether nobody reads what this process prints."""
    poll = select.poll()
    poll.register(sys.stdout, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))

"""The error of bad input: its message is all that a user needs."""

import sys
from collections.abc import Callable
from pathlib import Path


class InputError(ValueError):
    """A file, folder or field that cannot be used as it is.

    The message names it, says what was expected and how to mend it. The
    tools print it without a traceback and exit with code 1.
    """

    def __str__(self) -> str:
        # A worker of a data loader sends its traceback, which ends in this.
        name = f'{type(self).__module__}.{type(self).__qualname__}: '
        return super().__str__().rpartition(name)[2].rstrip('\n')


def refuse_existing(path: Path) -> None:
    """Raise an InputError rather than overwrite a file."""
    if path.exists():
        raise InputError(
            f"'{path}' exists and is not overwritten. Name another file."
        )


def run_tool(main: Callable[[], object]) -> None:
    """Run a command-line tool; bad input ends it with a sentence.

    Args:
        main (Callable): Takes no arguments.
    """
    try:
        main()
    except InputError as error:
        sys.exit(f'error: {error}')
    except FileNotFoundError as error:
        sys.exit(
            f'error: {error}. Data is looked for where the `data_root` of '
            'the dataloaders in the config points to.'
        )

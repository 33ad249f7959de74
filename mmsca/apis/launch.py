"""torchrun without a traceback of its own: python -m mmsca.apis.launch.

A rank that fails says why. What the launcher would add is where torch
noticed it.
"""

import sys

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main


def launch() -> None:
    """Start the ranks; if one fails, so does this process."""
    try:
        main()
    except ChildFailedError:
        sys.exit(1)


if __name__ == '__main__':
    launch()

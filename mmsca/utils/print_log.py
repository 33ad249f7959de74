"""mmengine's print_log, quiet about what is for debugging."""

import logging
from functools import wraps

from mmengine import logging as mmengine_logging


def quiet_debug_messages() -> None:
    """Print nothing below INFO where `print_log` is given no logger.

    mmengine prints a message of any level then. The forks of mmpretrain and
    mmdet tell so, on their import, that a package of theirs is missing.
    """
    print_log = mmengine_logging.print_log
    if hasattr(print_log, '__wrapped__'):
        return

    @wraps(print_log)
    def quiet(msg, logger=None, level=logging.INFO) -> None:
        if logger is not None or level >= logging.INFO:
            print_log(msg, logger, level)

    mmengine_logging.print_log = quiet

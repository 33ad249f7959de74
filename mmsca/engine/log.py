"""What a run prints, and what goes to its log file alone."""

import logging
import resource
import sys

from mmengine.device import is_cuda_available
from mmengine.dist import get_world_size
from mmengine.logging import MMLogger
from mmengine.runner import LogProcessor as BaseLogProcessor
from mmengine.runner import Runner

# How messages of mmengine begin that help to find out what happened.
DETAILS = (
    '\n-----',  # the environment
    'Config:',
    'Hooks will be executed',
    'Distributed training is not used',
    'Checkpoints will be saved',  # to the work directory
    'Exp name:',
    'Loads checkpoint by',  # what is found in it is told next
    # mmengine warns of its own calls.
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias',
)


def without_details(record: logging.LogRecord) -> bool:
    """Whether a message is printed; the log file gets all."""
    return not str(record.msg).startswith(DETAILS)


def shorten_console(logger: MMLogger) -> None:
    """Print no details, unless the log level is DEBUG."""
    for handler in logger.handlers:
        file = isinstance(handler, logging.FileHandler)
        if not file and handler.level > logging.DEBUG:
            handler.addFilter(without_details)


class LogProcessor(BaseLogProcessor):
    """mmengine's LogProcessor, with images per second and memory.

    mmengine logs the memory of a GPU. Without a GPU this logs the peak memory
    of the process, in MB.
    """

    def get_log_after_iter(
        self, runner: Runner, batch_idx: int, mode: str
    ) -> tuple[dict, str]:
        """Scalars and the line of an iteration, see mmengine."""
        scalars, line = super().get_log_after_iter(runner, batch_idx, mode)
        seconds = scalars.get('time') or scalars.get('train/time')
        if mode != 'train' or not seconds:
            return scalars, line
        batch = runner.train_dataloader.batch_sampler.batch_size
        speed = batch * get_world_size() / seconds
        line += f'  images/s: {speed:.1f}'
        if not is_cuda_available():
            line += f'  memory: {peak_memory()}'
        return scalars, line


def peak_memory() -> int:
    """Memory of this process at its largest, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == 'darwin' else 10)

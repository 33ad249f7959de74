"""A sentence for a device that is out of memory."""

import re
from collections.abc import Iterable
from types import FrameType

import torch
from mmengine.config import Config
from mmengine.runner import BaseLoop, TestLoop, ValLoop

# An OutOfMemoryError is of GPUs alone.
OF_CPU = "DefaultCPUAllocator: can't allocate memory"
WANTED = re.compile(r'[Tt]ried to allocate ([\d.]+ \w+)')


def memory_failure(
    error: Exception, frames: Iterable[FrameType], cfg: Config | None
) -> str | None:
    """What to set so that a batch fits, None for another error.

    The frames are those of its traceback.
    """
    of_gpu = isinstance(error, torch.OutOfMemoryError)
    if not of_gpu and OF_CPU not in str(error):
        return None
    place = 'The GPU' if of_gpu else 'The machine'
    if wanted := WANTED.search(str(error)):
        place = f'{place}, asked for another {wanted[1]},'
    said = f'{place} is out of memory'
    loader = f'{phase(frames)}_dataloader'
    batch_size = ((cfg or {}).get(loader) or {}).get('batch_size')
    if not batch_size:
        return f'{said}. Lower the batch size'
    said += f' with {loader}.batch_size={batch_size}'
    if loader != 'train_dataloader':
        return f'{said}. Lower that'
    wrapper = cfg.get('optim_wrapper') or {}
    accumulated = wrapper.get('accumulative_counts', 1)
    said += f' and optim_wrapper.accumulative_counts={accumulated}'
    if batch_size == 1:
        return f'{said}. Train on smaller images or a smaller model'
    half = batch_size // 2
    count = -(-batch_size * accumulated // half)
    return (
        f'{said}. Set {loader}.batch_size={half} and '
        f'optim_wrapper.accumulative_counts={count}, so that a step of the '
        'optimizer still sees as many images'
    )


def phase(frames: Iterable[FrameType]) -> str | None:
    """'train', 'val' or 'test': whose batch was on its way, if a loop's."""
    loops = [
        loop
        for frame in frames
        if frame.f_code.co_name == 'run_iter'
        and isinstance(loop := frame.f_locals.get('self'), BaseLoop)
    ]
    if not loops:
        return None
    kinds = {TestLoop: 'test', ValLoop: 'val', BaseLoop: 'train'}
    return next(kinds[kind] for kind in kinds if isinstance(loops[-1], kind))

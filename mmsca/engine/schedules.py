"""Schedules that end when the training does.

A schedule is written for a length of training. Numbers that repeat this
length, as those in mmdet's configs do, outlast a training that is made
shorter, and its learning rate never falls.
"""

from collections.abc import Iterable
from copy import deepcopy

from mmengine.logging import print_log

from mmsca.utils.errors import InputError

WARMUP_SHARE = 0.2


def fit_schedules(
    schedulers: Iterable[dict],
    max_iters: int,
    epoch_length: int,
    by_epoch: bool,
) -> list[dict]:
    """Shrink what reaches beyond the end of the training.

    If the last of the schedulers ends after the training, all of them shrink
    by one factor, those that count epochs apart from those that count
    iterations. Then they count iterations, as epochs would be too coarse. A
    linear warm-up gets at most a fifth of the training. In a training of
    iterations all schedulers count iterations. What fits stays as it is.

    Args:
        schedulers (Iterable[dict]): Configs of mmengine's schedulers.
        max_iters (int): Length of the training.
        epoch_length (int): Iterations of an epoch.
        by_epoch (bool): Whether the training counts epochs.

    Returns:
        list[dict]: The configs to build.

    Raises:
        InputError: Milestones lie after the training, and no `end` says for
            which length they are meant.
    """
    written = list(schedulers)
    fitted = deepcopy(written)
    for scheduler in fitted:
        unit = epoch_length if counts_epochs(scheduler) else 1
        check_milestones(scheduler, max_iters / unit)
        if not by_epoch:
            stretch(scheduler, unit)
    for unit, epochs in ((1, False), (epoch_length, True)):
        group = [s for s in fitted if counts_epochs(s) == epochs]
        last = unit * max((end_of(s) for s in group), default=0)
        if last > max_iters:
            for scheduler in group:
                stretch(scheduler, unit * max_iters / last)
    for scheduler in filter(is_warmup, fitted):
        unit = epoch_length if counts_epochs(scheduler) else 1
        last, longest = unit * end_of(scheduler), WARMUP_SHARE * max_iters
        if last > longest:
            stretch(scheduler, unit * longest / last)
    for old, new in zip(written, fitted, strict=True):
        if new != old:
            print_log(
                f'For a training of {max_iters} iterations '
                f'{dict(old)} becomes {dict(new)}.',
                logger='current',
            )
    # Schedulers of a single step would never leave their first value.
    return [s for s in fitted if s.get('end', 2) - s.get('begin', 0) > 1]


def counts_epochs(scheduler: dict) -> bool:
    return scheduler.get('by_epoch', True)


def end_of(scheduler: dict) -> int:
    """Where a scheduler ends; 0 if it lasts as long as the training."""
    period = scheduler.get('T_max')
    reached = scheduler.get('begin', 0) + period if period else 0
    return scheduler.get('end', reached)


def is_warmup(scheduler: dict) -> bool:
    start = scheduler.get('start_factor', 1 / 3)
    rises = start < scheduler.get('end_factor', 1)
    return 'Linear' in str(scheduler['type']) and rises


def stretch(scheduler: dict, factor: float) -> None:
    """Multiply all positions of a scheduler, which counts iterations then."""
    for field in ('begin', 'end', 'T_max', 'step_size'):
        if scheduler.get(field):
            scheduler[field] = round(scheduler[field] * factor)
    if 'milestones' in scheduler:
        scheduler['milestones'] = [
            round(position * factor) for position in scheduler['milestones']
        ]
    scheduler['by_epoch'] = False
    scheduler.pop('convert_to_iter_based', None)


def check_milestones(scheduler: dict, length: float) -> None:
    milestones = scheduler.get('milestones', [0])
    if 'end' not in scheduler and max(milestones) > length:
        raise InputError(
            f'param_scheduler has milestones={list(milestones)}, but the '
            f'training ends at {length:g}. Say with `end` how long the '
            'training is that they are meant for, and they shrink with it.'
        )

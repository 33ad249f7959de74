"""How far training has come, for schedules inside a model."""

from typing import NamedTuple

from mmengine.logging import MessageHub


class Progress(NamedTuple):
    """Attributes: epoch and iter count from 0; fraction is in [0, 1]."""

    epoch: int
    iter: int
    fraction: float


def training_progress() -> Progress:
    """What mmengine's RuntimeInfoHook says of the current run.

    :class:`mmsca.PrototypeHook` adds the length of an epoch, as an
    iteration-based loop stays in epoch 0. Outside a Runner training counts
    as just started.
    """
    info = {
        **dict(epoch=0, iter=0, max_iters=1, iters_per_epoch=None),
        **MessageHub.get_current_instance().runtime_info,
    }
    epoch, iteration = info['epoch'], info['iter']
    if info['iters_per_epoch']:
        epoch = iteration // info['iters_per_epoch']
    return Progress(epoch, iteration, iteration / info['max_iters'])

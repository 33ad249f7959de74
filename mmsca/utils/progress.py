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

    Outside a Runner training counts as just started.
    """
    hub = MessageHub.get_current_instance()
    info = {**dict(epoch=0, iter=0, max_iters=1), **hub.runtime_info}
    return Progress(
        info['epoch'], info['iter'], info['iter'] / info['max_iters']
    )

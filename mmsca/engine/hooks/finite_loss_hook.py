"""Stops a training whose loss is no number."""

from math import isfinite

from mmengine.hooks import Hook
from mmpretrain.utils import get_ori_model
from torch import nn

from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Ends the run at the first loss that is infinite or no number.

    mmengine brings the losses of a step to the host for its log, so checking
    them costs nothing. Gradients may be infinite: a dynamic loss scale skips
    such steps.
    """

    # After RuntimeInfoHook, which reads the losses, before checkpoints.
    priority = 'NORMAL'

    def after_train_iter(
        self, runner, batch_idx, data_batch=None, outputs=None
    ) -> None:
        """Refuse losses of a step that are not finite."""
        scalars = runner.message_hub.log_scalars
        values = {
            name: scalars[f'train/{name}'].current() for name in outputs or ()
        }
        if isfinite(values.get('loss', 0)):
            return
        terms = [f'{k}={v}' for k, v in values.items() if not isfinite(v)]
        raise InputError(
            f'In iteration {runner.iter + 1} the loss is not finite: '
            f'{", ".join(terms)}. {first_cause(get_ori_model(runner.model))} '
            'No checkpoint was written since. Lower '
            'optim_wrapper.optimizer.lr, train without --amp, or raise '
            'model.head.epsilon of SwAV, and go on from the last checkpoint '
            'with --resume.'
        )


def first_cause(model: nn.Module) -> str:
    """What was not finite first in a forward pass, as far as it shows.

    Normalizations keep statistics of what they saw, a queue keeps
    embeddings, and modules stand in about the order in which they compute.
    """
    for name, buffer in model.named_buffers():
        if buffer.is_floating_point() and not buffer.isfinite().all():
            return f"What reached '{name}' was not finite before."
    return 'Features were finite, so that it arose in scores, codes or losses.'

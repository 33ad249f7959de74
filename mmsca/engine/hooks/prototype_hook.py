"""Keeps prototypes on the unit sphere."""

from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from mmpretrain.utils import get_ori_model

from mmsca.registry import HOOKS


@HOOKS.register_module()
class PrototypeHook(Hook):
    """What a SwAV head needs of the run around it.

    The prototypes are normalized to unit length after each optimizer step,
    outside of the differentiated forward pass. The head is told how many
    iterations an epoch has, as an iteration-based loop counts no epochs.
    """

    def before_train(self, runner) -> None:
        head = get_ori_model(runner.model).head

        def normalize(optimizer, args, kwargs):
            head.normalize_prototypes()

        runner.optim_wrapper.optimizer.register_step_post_hook(normalize)
        MessageHub.get_current_instance().update_info(
            'iters_per_epoch', len(runner.train_dataloader)
        )

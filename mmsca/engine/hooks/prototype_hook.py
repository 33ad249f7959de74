"""What a SwAV head needs of the run around it."""

from math import log

from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from mmpretrain.utils import get_ori_model

from mmsca.registry import HOOKS

STUCK = 0.01  # of ln K


@HOOKS.register_module()
class PrototypeHook(Hook):
    """Keeps prototypes on the unit sphere, and watches whether they learn.

    The prototypes are normalized to unit length after each optimizer step,
    outside of the differentiated forward pass. The head is told how many
    iterations an epoch has, as an iteration-based loop counts no epochs.

    A loss of ln K is that of predictions that are the same for all images.
    If the loss stays within 1 % of it for a tenth of the training, the log
    has a warning with the advice of SwAV's authors (README, Common Issues,
    and issues 37, 62 and 69 of facebookresearch/swav).
    """

    def before_train(self, runner) -> None:
        head = get_ori_model(runner.model).head

        def normalize(optimizer, args, kwargs):
            head.normalize_prototypes()

        runner.optim_wrapper.optimizer.register_step_post_hook(normalize)
        MessageHub.get_current_instance().update_info(
            'iters_per_epoch', len(runner.train_dataloader)
        )
        logs = [log(layer.out_features) for layer in head.prototypes]
        self.uniform_loss = sum(logs) / len(logs)
        self.stuck_for = 0

    def after_train_iter(
        self, runner, batch_idx, data_batch=None, outputs=None
    ) -> None:
        loss = runner.message_hub.get_scalar('train/loss').current()
        away = abs(loss - self.uniform_loss)
        stuck = away < STUCK * self.uniform_loss
        self.stuck_for = self.stuck_for + 1 if stuck else 0
        # Once each time that it gets stuck.
        if self.stuck_for == max(runner.max_iters // 10, 10):
            runner.logger.warning(
                f'For {self.stuck_for} iterations the loss has stayed within '
                f'1 % of ln K, {self.uniform_loss:.3f}: images are not told '
                "apart. SwAV's authors advise a lower model.head.epsilon, "
                'such as 0.03, about ten prototypes per class, prototypes '
                'that are frozen for longer, a queue that starts later or is '
                'shorter, and a learning rate that goes with the batch.'
            )

"""Makes up for a validation that an interruption may have skipped."""

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop

from mmsca.registry import HOOKS


@HOOKS.register_module()
class ResumedValidationHook(Hook):
    """Validate before going on, where the checkpoint was due for it.

    Checkpoints are saved before the validation of the same epoch or
    iteration. A run stopped in between would never have that score.
    """

    # After the hooks that set themselves up before training.
    priority = 'LOWEST'

    def before_train(self, runner) -> None:
        loop = runner.train_loop
        if runner.val_loop is None or loop.iter == 0:
            return
        now, end = loop.iter, loop.max_iters
        if isinstance(loop, EpochBasedTrainLoop):
            if loop.iter % len(loop.dataloader):
                return  # within an epoch
            now, end = loop.epoch, loop.max_epochs
        if now >= loop.val_begin and (
            now % loop.val_interval == 0 or now == end
        ):
            runner.val_loop.run()

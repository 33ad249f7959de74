from mmengine.hooks import LoggerHook as BaseLoggerHook
from mmengine.runner import Runner

from mmsca.registry import HOOKS


@HOOKS.register_module()
class LoggerHook(BaseLoggerHook):
    """mmengine's LoggerHook, which also logs the first iteration of a run.

    A first step says that all is well, minutes before `interval` steps are
    done. It goes to the log alone, not to the scalars.
    """

    def before_train(self, runner: Runner) -> None:
        """Note where the run begins; one that resumes does so later."""
        self.first = runner.iter

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        """Log, each `interval` iterations and after the first."""
        logged = self.every_n_inner_iters(
            batch_idx, self.interval
        ) or self.end_of_epoch(runner.train_dataloader, batch_idx)
        if runner.iter == self.first and not logged:
            _, text = runner.log_processor.get_log_after_iter(
                runner, batch_idx, 'train'
            )
            runner.logger.info(text)
        super().after_train_iter(runner, batch_idx, data_batch, outputs)

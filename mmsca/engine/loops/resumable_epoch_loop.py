"""Epochs that can be entered in the middle."""

from mmengine.runner import EpochBasedTrainLoop

from mmsca.registry import LOOPS
from mmsca.utils.errors import InputError


@LOOPS.register_module()
class ResumableEpochLoop(EpochBasedTrainLoop):
    """mmengine's EpochBasedTrainLoop, resumed from any iteration.

    The base class starts the epoch of a checkpoint anew, wherever in it the
    checkpoint was saved. Here the sampler passes over the images that were
    seen already, without loading them. Arguments are those of the base class.

    Raises:
        InputError: If an epoch has no batch.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if len(self.dataloader) == 0:
            raise InputError(
                f'{len(self.dataloader.dataset)} images are no batch of '
                f'{self.dataloader.batch_size} on each rank, and '
                'train_dataloader.drop_last leaves them out. Lower '
                'train_dataloader.batch_size, or set drop_last to False.'
            )

    @property
    def can_enter_epochs(self) -> bool:
        """Whether the sampler can start within an epoch."""
        return hasattr(self.dataloader.sampler, 'skip')

    def run(self):
        """Train from the position of the checkpoint, if there is one."""
        # Iterations of a checkpointed epoch count by the batch of that run.
        length = self.runner.message_hub.runtime_info.get(
            'iters_per_epoch', len(self.dataloader)
        )
        done = self._iter - self._epoch * length
        if done and length != len(self.dataloader):
            raise InputError(
                f'The checkpoint lies within an epoch of {length} iterations, '
                f'but now an epoch has {len(self.dataloader)}. Resume with '
                'the batch size and the number of ranks that it was trained '
                'with, or from a checkpoint at the end of an epoch.'
            )
        self._iter = self._epoch * len(self.dataloader) + done
        return super().run()

    def run_epoch(self) -> None:
        """Iterate over what is left of the epoch."""
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        done = self._iter - self._epoch * len(self.dataloader)
        if done:
            self._skip(done)
        for idx, data_batch in enumerate(self.dataloader, start=done):
            self.run_iter(idx, data_batch)
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1

    def _skip(self, iters: int) -> None:
        sampler = self.dataloader.sampler
        if not self.can_enter_epochs:
            raise InputError(
                f'The checkpoint lies within an epoch, and '
                f'{type(sampler).__name__} cannot start there. Set '
                "train_dataloader.sampler.type to 'mmsca.KeyedSampler', or "
                'resume from a checkpoint at the end of an epoch.'
            )
        sampler.skip(iters * self.dataloader.batch_size)

"""Checkpoints of which there is always a whole one."""

import signal
from pathlib import Path

import torch
from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook as BaseCheckpointHook
from mmengine.runner import EpochBasedTrainLoop
from mmpretrain.utils import get_ori_model
from torch import nn

from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError
from mmsca.utils.termination import (
    defer_termination,
    restore_termination,
    shield_workers,
    termination_requested,
)
from mmsca.utils.whole_file import ATOMIC, write_whole


@HOOKS.register_module()
class CheckpointHook(BaseCheckpointHook):
    """mmengine's CheckpointHook, safe against being killed.

    - A checkpoint appears under its name only when it is complete (see
      :class:`mmsca.utils.whole_file.AtomicBackend`), then
      `last_checkpoint` names it, and only then the oldest of
      `max_keep_ckpts` goes.
    - There is one for each tenth of the training at least. In a training of
      iterations it counts iterations.
    - Weights that are not finite are never written.
    - At SIGTERM the run saves and ends with exit code 143, after the step
      that it is in. `--resume` goes on from there, where the loop can enter
      an epoch in the middle, else from the last checkpoint. Of several ranks
      the first one does so, and its launcher ends the others.

    Args:
        **kwargs: As in :class:`mmengine.hooks.CheckpointHook`.
    """

    def __init__(self, **kwargs) -> None:
        kwargs.setdefault('backend_args', ATOMIC)
        super().__init__(**kwargs)
        self.saved_iter = None

    def before_train(self, runner) -> None:
        super().before_train(runner)
        in_epochs = isinstance(runner.train_loop, EpochBasedTrainLoop)
        if self.by_epoch and not in_epochs:
            self.by_epoch = False
            self.interval = 0
            self.filename_tmpl = 'iter_{}.pth'
        length = runner.max_epochs if self.by_epoch else runner.max_iters
        tenth = max(length // 10, 1)
        if not 0 < self.interval <= tenth:
            self.interval = tenth
        defer_termination()
        for loop in (runner.train_loop, runner.val_loop):
            if loop is not None:
                shield_workers(loop.dataloader)

    def after_train(self, runner) -> None:
        restore_termination()
        super().after_train(runner)

    def after_train_iter(
        self, runner, batch_idx, data_batch=None, outputs=None
    ) -> None:
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        if termination_requested():
            loop = runner.train_loop
            in_epochs = isinstance(loop, EpochBasedTrainLoop)
            can_enter = getattr(loop, 'can_enter_epochs', not in_epochs)
            self._end(runner, runner.iter + 1, can_enter)

    def after_val_iter(
        self, runner, batch_idx, data_batch=None, outputs=None
    ) -> None:
        if termination_requested():
            self._end(runner, runner.iter, can_enter=True)

    def _end(self, runner, done: int, can_enter: bool) -> None:
        """Save, after so many iterations, if that serves, and end."""
        if not is_main_process():
            return
        if can_enter and done != self.saved_iter:
            name = f'iter_{done}.pth'
            # The next checkpoint takes its place.
            runner.message_hub.update_info('stop_checkpoint', name)
            self._save(runner, name, dict(epoch=runner.epoch, iter=done))
        runner.logger.info(
            f'Ended by SIGTERM after {done} iterations. --resume goes on '
            + ('there.' if can_enter else 'from the last checkpoint.')
        )
        raise SystemExit(128 + signal.SIGTERM)

    def _save_checkpoint_with_step(self, runner, step, meta) -> None:
        outdated = []
        keep = self.max_keep_ckpts
        if keep > 0 and step not in self.keep_ckpt_ids:
            if len(self.keep_ckpt_ids) == keep:
                oldest = self.keep_ckpt_ids.popleft()
                outdated.append(self.filename_tmpl.format(oldest))
            self.keep_ckpt_ids.append(step)
            runner.message_hub.update_info(
                'keep_ckpt_ids', list(self.keep_ckpt_ids)
            )
        outdated.append(runner.message_hub.pop_info('stop_checkpoint'))
        name = self.filename_tmpl.format(step)
        self._save(runner, name, meta)
        for old in outdated:
            if old not in (None, name) and is_main_process():
                path = self.file_backend.join_path(self.out_dir, old)
                if self.file_backend.isfile(path):
                    self.file_backend.remove(path)

    def _save(self, runner, name: str, meta: dict) -> None:
        check_weights(get_ori_model(runner.model))
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        self.saved_iter = meta['iter']
        runner.save_checkpoint(
            self.out_dir,
            name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            file = Path(runner.work_dir, 'last_checkpoint')
            write_whole(file, self.last_ckpt)

    def _save_best_checkpoint(self, runner, metrics) -> None:
        check_weights(get_ori_model(runner.model))
        super()._save_best_checkpoint(runner, metrics)


def check_weights(model: nn.Module) -> None:
    """Refuse to write weights that hold NaN or infinity.

    Raises:
        InputError: Naming the first such tensor.
    """
    weights = {k: p for k, p in model.named_parameters() if p.numel()}
    weights |= {
        k: b for k, b in model.named_buffers() if b.is_floating_point()
    }
    finite = torch.stack([w.isfinite().all() for w in weights.values()])
    if finite.all():  # the only wait for a device
        return
    names = [k for k, fine in zip(weights, finite, strict=True) if not fine]
    raise InputError(
        f'{len(names)} of {len(weights)} tensors are not finite, first '
        f"'{names[0]}', so that no checkpoint was written; the one before is "
        'whole. Lower optim_wrapper.optimizer.lr or train without --amp.'
    )

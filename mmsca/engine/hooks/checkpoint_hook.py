"""Checkpoints of which there is always a whole one."""

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook as BaseCheckpointHook

from mmsca.registry import HOOKS


@HOOKS.register_module()
class CheckpointHook(BaseCheckpointHook):
    """mmengine's CheckpointHook, safe against being killed.

    A checkpoint appears under its name only when it is complete (see
    :class:`mmsca.utils.AtomicBackend`), then `last_checkpoint` names it, and
    only then the oldest of `max_keep_ckpts` goes.

    Args:
        **kwargs: As in :class:`mmengine.hooks.CheckpointHook`.
    """

    def __init__(self, **kwargs) -> None:
        kwargs.setdefault('backend_args', dict(backend='atomic'))
        super().__init__(**kwargs)

    def _save_checkpoint_with_step(self, runner, step, meta) -> None:
        keep = self.max_keep_ckpts
        outdated = None
        if keep > 0 and step not in self.keep_ckpt_ids:
            if len(self.keep_ckpt_ids) == keep:
                outdated = self.keep_ckpt_ids.popleft()
            self.keep_ckpt_ids.append(step)
            runner.message_hub.update_info(
                'keep_ckpt_ids', list(self.keep_ckpt_ids)
            )
        # The base class would remove the oldest first.
        self.max_keep_ckpts = -1
        super()._save_checkpoint_with_step(runner, step, meta)
        self.max_keep_ckpts = keep
        if outdated is not None and is_main_process():
            path = self.file_backend.join_path(
                self.out_dir, self.filename_tmpl.format(outdated)
            )
            if self.file_backend.isfile(path):
                self.file_backend.remove(path)

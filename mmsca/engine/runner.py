"""The runner of the tools."""

import os

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.optim import OptimWrapper
from mmengine.runner import EpochBasedTrainLoop
from mmengine.runner import LogProcessor as BaseLogProcessor
from mmengine.runner import Runner as BaseRunner
from mmpretrain.utils import get_ori_model
from torch import nn

from mmsca.engine.config_text import lay_out_once
from mmsca.engine.log import LogProcessor, shorten_console
from mmsca.engine.schedules import fit_schedules
from mmsca.registry import MODELS, RUNNERS
from mmsca.utils.termination import restore_termination

lay_out_once()

# mmengine's hooks that have a successor of the same name.
OURS = ('CheckpointHook', 'LoggerHook')


@RUNNERS.register_module()
class Runner(BaseRunner):
    """mmengine's Runner, for trainings of any length and batch.

    - Schedules end with the training, see
      :func:`mmsca.engine.schedules.fit_schedules`.
    - `auto_scale_lr` goes by the batch of an optimizer step, which holds the
      batches that are accumulated.
    - The neck of a detector has the channels of a backbone of timm, whatever
      its name.
    - Whatever base a config has, :class:`mmsca.CheckpointHook` writes the
      checkpoints and :class:`mmsca.FiniteLossHook` watches the loss.
    - It prints what it will do and how far it is; the whole config, hooks
      and environment go to the log file alone, see :mod:`mmsca.engine.log`.
    - `compile=True`, or a dict of options of :func:`torch.compile`, compiles
      the backbone; Sinkhorn, losses and collectives stay eager.
    - `randomness.deterministic=True` holds for matrix products of GPUs too.
    """

    @classmethod
    def from_cfg(cls, cfg: Config) -> 'Runner':
        fill_in_channels(cfg)
        return super().from_cfg(cfg)

    def register_default_hooks(self, hooks: dict | None = None) -> None:
        hooks = {
            'summary': dict(type='mmsca.SummaryHook'),
            'finite_loss': dict(type='mmsca.FiniteLossHook'),
            'checkpoint': dict(type='CheckpointHook'),
            'logger': dict(type='LoggerHook'),
            **(hooks or {}),
        }
        for name in ('checkpoint', 'logger'):
            given = hooks[name]
            if isinstance(given, dict) and given.get('type') in OURS:
                hooks[name] = {**given, 'type': f'mmsca.{given["type"]}'}
        super().register_default_hooks(hooks)

    def build_logger(self, *args, **kwargs) -> MMLogger:
        logger = super().build_logger(*args, **kwargs)
        shorten_console(logger)
        return logger

    def build_log_processor(
        self, log_processor: BaseLogProcessor | dict
    ) -> BaseLogProcessor:
        if isinstance(log_processor, dict):
            kind = log_processor.get('type', 'LogProcessor')
            if kind == 'LogProcessor':
                log_processor = {**log_processor, 'type': LogProcessor}
        return super().build_log_processor(log_processor)

    def set_randomness(self, *args, deterministic: bool = False, **kwargs):
        if deterministic:
            # Read when a GPU first multiplies; an error of torch without it.
            os.environ.setdefault('CUBLAS_WORKSPACE_CONFIG', ':4096:8')
        super().set_randomness(*args, deterministic=deterministic, **kwargs)

    def _maybe_compile(self, target: str) -> None:
        options = self.cfg.get('compile')
        if options in (None, False):
            return
        options = {} if options is True else options
        # Each resolution for itself. Names of parameters stay as they are.
        backbone = get_ori_model(self.model).backbone
        backbone.compile(**{'dynamic': False, **options})

    def train(self) -> nn.Module:
        try:
            return super().train()
        finally:
            restore_termination()  # which CheckpointHook defers

    def scale_lr(
        self, optim_wrapper: OptimWrapper, auto_scale_lr: dict | None = None
    ) -> None:
        counts = getattr(optim_wrapper, '_accumulative_counts', 1)
        if auto_scale_lr and auto_scale_lr.get('enable') and counts > 1:
            base = auto_scale_lr['base_batch_size'] / counts
            auto_scale_lr = {**auto_scale_lr, 'base_batch_size': base}
            self.logger.info(
                f'{counts} batches are accumulated, so that each of them '
                f'counts as one of {base:g}.'
            )
        super().scale_lr(optim_wrapper, auto_scale_lr)

    def _build_param_scheduler(
        self, scheduler: dict | list, optim_wrapper: OptimWrapper
    ) -> list:
        configs = [scheduler] if isinstance(scheduler, dict) else scheduler
        # A run that resumes comes here a second time, with built schedulers.
        if all(isinstance(config, dict) for config in configs):
            configs = fit_schedules(
                configs,
                self.max_iters,
                len(self.train_dataloader),
                isinstance(self.train_loop, EpochBasedTrainLoop),
            )
        return super()._build_param_scheduler(configs, optim_wrapper)


def fill_in_channels(cfg: Config) -> None:
    """Give the neck of a detector the channels of its backbone of timm."""
    backbone = cfg.model.get('backbone', {})
    if (
        backbone.get('type') == 'mmsca.TIMMBackbone'
        and backbone.get('out_type') == 'pyramid'
    ):
        with torch.device('meta'):  # without weights
            network = MODELS.build({**backbone, 'init_cfg': None})
        cfg.model.neck.in_channels = network.channels

"""What a run will do, in a few lines before it begins."""

from collections.abc import Iterator
from pathlib import Path

import torch
from mmengine.device import get_device
from mmengine.dist import get_world_size
from mmengine.hooks import Hook
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from mmengine.runner import BaseLoop, EpochBasedTrainLoop, Runner
from torch.utils.data import DataLoader

from mmsca.engine.optimizers.bf16_optim_wrapper import (
    BF16OptimWrapper,
    has_fast_bf16,
)
from mmsca.registry import HOOKS
from mmsca.utils.config_names import config_name, short
from mmsca.utils.machine import cpu_name, usable_cores


@HOOKS.register_module()
class SummaryHook(Hook):
    """Logs device and precision, images, batch, length and places.

    :class:`mmsca.Runner` gives every run this hook.
    """

    priority = 'VERY_HIGH'

    def before_run(self, runner: Runner) -> None:
        """Log the lines, once all that they tell of is built."""
        for line in summary(runner):
            runner.logger.info(line)


def summary(runner: Runner) -> Iterator[str]:
    """The lines of a run, whose training or test loop is built."""
    training = isinstance(runner._train_loop, BaseLoop)
    loop = runner.train_loop if training else runner.test_loop
    loader = loop.dataloader
    precision = 'fp32'
    if training:
        precision = precision_of(runner.optim_wrapper)
    elif getattr(loop, 'fp16', False):
        precision = 'mixed precision'
    yield f'device: {device_name()}, {precision}'
    yield f'images: {images_of(loader)}'
    yield f'batch: {batch_of(runner, loader)}'
    if training:
        yield length_of(loop)
    else:
        yield f'checkpoint: {runner._load_from}'
    if runner.cfg.filename:
        yield f'config: {config_name(Path(runner.cfg.filename))}'
    log = short(Path(runner.logger.log_file))
    yield f'log, with all settings: {log}'


def device_name() -> str:
    """Kind and model of what computes, and how many ranks there are."""
    device = get_device()
    if device == 'cuda':
        name = f'cuda, {torch.cuda.get_device_name()}'
    else:
        name = f'{device}, {cpu_name()}, {usable_cores()} cores'
    ranks = get_world_size()
    return f'{name}, {ranks} ranks' if ranks > 1 else name


def precision_of(wrapper: OptimWrapper) -> str:
    """In which numbers the forward pass of a training computes."""
    device = get_device()
    if isinstance(wrapper, BF16OptimWrapper):
        return 'bf16' if has_fast_bf16(device) else 'fp32'
    if not isinstance(wrapper, AmpOptimWrapper):
        return 'fp32'
    usual = torch.float16 if device == 'cuda' else torch.bfloat16
    return {torch.float16: 'fp16', torch.bfloat16: 'bf16'}.get(
        wrapper.cast_dtype or usual, str(wrapper.cast_dtype)
    )


def images_of(loader: DataLoader) -> str:
    """Number of images, where they are, and how many classes they have."""
    dataset = loader.dataset
    text = str(len(dataset))
    if root := getattr(dataset, 'data_root', None):
        text += f" in '{root}'"
    classes = getattr(dataset, 'metainfo', {}).get('classes')
    return f'{text}, {len(classes)} classes' if classes else text


def batch_of(runner: Runner, loader: DataLoader) -> str:
    """Images of a step, and who loads them."""
    text = str(loader.batch_sampler.batch_size)
    if (ranks := get_world_size()) > 1:
        text += f' on each of {ranks} ranks'
    counts = getattr(runner.optim_wrapper, '_accumulative_counts', 1)
    if counts > 1:
        text += f', {counts} batches for a step'
    return f'{text}; {loader.num_workers} processes load them'


def length_of(loop: BaseLoop) -> str:
    """Epochs and iterations of a training."""
    if not isinstance(loop, EpochBasedTrainLoop):
        return f'iterations: {loop.max_iters}'
    return f'epochs: {loop.max_epochs}, each of {len(loop.dataloader)} steps'

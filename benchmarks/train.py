"""Training through tools/train.py, ours beside mmpretrain's, end to end.

SwAV with a ResNet-18 on 2x96 + 4x48 views of JPEGs, one worker, each project
with its own pipeline, optimizer and defaults of precision, and with the number
of threads that suits it best, as a busy worker leaves no core for a second.
Seconds are those of the clock, of whole iterations as the log has them: a busy
machine shows. The bound is the same ResNet-18 with nothing around it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import mmpretrain
import torch
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.registry import MODELS, init_default_scope

from benchmarks.jpegs import write_jpegs
from benchmarks.ratio import Ratio, pairwise
from benchmarks.step import MMPRETRAIN
from mmsca.engine.optimizers.bf16_optim_wrapper import has_fast_bf16

FULL = dict(batch_size=32, iterations=12, pairs=3, threads=(1, 2))
SMALL = dict(batch_size=2, iterations=4, pairs=1, threads=(1,))
ROOT = Path(__file__).parents[1]
# The first ones start the workers and find memory.
WARM_UP = 3

SIZES, NUM_CROPS = [96, 48], [2, 4]


def shrunk(cfg: Config, images: Path, batch_size: int) -> Config:
    """What both configs get: ResNet-18, one epoch of a folder of images."""
    norm = dict(norm_cfg=dict(type='BN1d'))
    cfg.model.backbone.update(depth=18, norm_cfg=dict(type='BN'))
    cfg.model.neck.update(in_channels=512, hid_channels=512, **norm)
    cfg.train_dataloader.dataset.ann_file = ''
    return logged_epoch(cfg, images, batch_size, 1)


def logged_epoch(
    cfg: Config, images: Path, batch_size: int, workers: int
) -> Config:
    """One epoch of a folder of images, with each iteration in the log."""
    cfg.train_dataloader.update(batch_size=batch_size, num_workers=workers)
    dataset = cfg.train_dataloader.dataset
    dataset.update(data_root=str(images), data_prefix='')
    cfg.train_cfg.max_epochs = 1
    cfg.default_hooks.logger.interval = 1
    cfg.default_hooks.checkpoint.interval = 1000
    return cfg


def ours(images: Path, batch_size: int) -> Config:
    cfg = Config.fromfile(ROOT / 'configs/sca/swav_r50.py')
    crops = cfg.train_dataloader.dataset.pipeline[1]
    crops.update(num_crops=NUM_CROPS, sizes=SIZES)
    return shrunk(cfg, images, batch_size)


def theirs(images: Path, batch_size: int) -> Config:
    cfg = get_config(MMPRETRAIN)
    dataset = cfg.train_dataloader.dataset
    dataset.update(type='CustomDataset', with_label=False)
    views = dataset.pipeline[1]
    views.num_views = NUM_CROPS
    for transforms, size in zip(views.transforms, SIZES, strict=True):
        transforms[0].scale = size
    cfg.model.head.loss.num_crops = NUM_CROPS
    return shrunk(cfg, images, batch_size)


def logged_steps(
    tool: Path, config: Path, work_dir: Path, threads: int
) -> list[dict]:
    """What a training logs of each iteration.

    Args:
        tool (Path): The train.py to run.
        config (Path): Its config, which logs every iteration.
        work_dir (Path): Its work directory, a new one.
        threads (int): Of the CPU.

    Returns:
        list[dict]: With seconds `time` and, of these, `data_time`.

    Raises:
        RuntimeError: If it fails; what it wrote at last is the message.
    """
    command = [sys.executable, tool, config, '--work-dir', work_dir]
    process = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            'OMP_NUM_THREADS': str(threads),
            'PYTHONPATH': str(ROOT),
        },
    )
    if process.returncode:
        raise RuntimeError(process.stderr[-2000:])
    (log,) = work_dir.glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in log.read_text().splitlines()]


def seconds_an_iteration(*args) -> float:
    """Median of those that a training logs, see :func:`logged_steps`."""
    steps = logged_steps(*args)
    return statistics.median(step['time'] for step in steps[WARM_UP:])


def backbone_seconds(batch_size: int, iterations: int, threads: int) -> float:
    """Median of forward and backward passes of the bare backbone.

    In the precision and layout that mmsca trains in.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    init_default_scope('mmpretrain')
    model = MODELS.build(ours(Path(), batch_size).model.backbone)
    groups = [
        torch.randn(count * batch_size, 3, size, size).to(
            memory_format=torch.channels_last
        )
        for count, size in zip(NUM_CROPS, SIZES, strict=True)
    ]
    seconds = []
    for _ in range(iterations):
        start = time.perf_counter()
        with torch.autocast(
            'cpu', torch.bfloat16, enabled=has_fast_bf16('cpu')
        ):
            sum(model(group)[-1].float().mean() for group in groups).backward()
        seconds.append(time.perf_counter() - start)
    torch.set_num_threads(before)
    return statistics.median(seconds[WARM_UP:])


def measure(
    batch_size: int, iterations: int, pairs: int, threads: Sequence[int]
) -> tuple[list[Ratio], list[dict]]:
    """How many times as many images per second.

    Args:
        batch_size (int): Images.
        iterations (int): Of each training.
        pairs (int): Trainings of each project with each number of threads.
        threads (Sequence[int]): Numbers of threads to try.
    """
    package = Path(mmpretrain.__file__).parent
    arms = {
        'mmsca': (ROOT / 'tools/train.py', ours),
        'mmpretrain': (package / '.mim/tools/train.py', theirs),
    }
    runs = list(product(arms, threads))
    seconds = {run: [] for run in runs}
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder, 'images')
        write_jpegs(images, batch_size * iterations)
        for pair, (arm, count) in product(range(pairs), runs):
            tool, make_config = arms[arm]
            config = Path(folder, f'{arm}.py')
            make_config(images, batch_size).dump(config)
            work_dir = Path(folder, f'{arm}_{count}_{pair}')
            seconds[arm, count].append(
                seconds_an_iteration(tool, config, work_dir, count)
            )
        for count in threads:
            seconds['backbone', count] = [
                backbone_seconds(batch_size, iterations, count)
                for _ in range(pairs)
            ]
    medians = {run: statistics.median(seconds[run]) for run in seconds}
    best = {
        arm: min(threads, key=lambda count: medians[arm, count])
        for arm in (*arms, 'backbone')
    }
    rows = [
        {
            'arm': arm,
            'threads': count,
            'images a second': batch_size / medians[arm, count],
        }
        for arm, count in seconds
    ]

    def times_as_fast(arm: str, at_least: float | None = None) -> Ratio:
        values = pairwise(
            seconds['mmpretrain', best['mmpretrain']], seconds[arm, best[arm]]
        )
        return Ratio(f'time, mmpretrain / {arm}', values, at_least=at_least)

    return [times_as_fast('mmsca', 2.5), times_as_fast('backbone')], rows

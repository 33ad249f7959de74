"""How long a training waits for data, through tools/train.py.

swav_r50.py and swav_sca_r50.py, with SCA from the first step, on 500 x 375
JPEGs, with the loader, the optimizer and the precision of the configs. Seconds
are those of the log, on the clock.
"""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from benchmarks.jpegs import write_jpegs
from benchmarks.ratio import Ratio
from benchmarks.step import CONFIGS, set_depth
from benchmarks.train import ROOT, logged_epoch, logged_steps

ARMS = {'mmsca': 'swav_r50.py', 'mmsca + SCA': 'swav_sca_r50.py'}


def build_config(
    arm: str,
    images: Path,
    batch_size: int,
    workers: int,
    depth: int,
    sizes: Sequence[int],
) -> Config:
    """The config of an arm for one epoch of a folder."""
    cfg = set_depth(Config.fromfile(CONFIGS / ARMS[arm]), depth)
    if 'warmup' in cfg.model:
        cfg.model.warmup = 0.0
    cfg.train_dataloader.dataset.pipeline[1].sizes = list(sizes)
    return logged_epoch(cfg, images, batch_size, workers)


def measure(
    batch_size: int,
    iterations: int,
    warm_up: int,
    workers: int,
    device: str,
    arms: Sequence[str] = tuple(ARMS),
    depth: int = 50,
    sizes: Sequence[int] = (224, 96),
) -> tuple[list[Ratio], list[dict]]:
    """The share of the time that steps wait, and images a second.

    Args:
        batch_size (int): Images.
        iterations (int): Of each training.
        warm_up (int): Iterations at the start that do not count.
        workers (int): Of the loader.
        device (str): 'cpu' or 'cuda'; a training takes a GPU if there is one.
        arms (Sequence[str]): Keys of `ARMS`.
        depth (int): Of the ResNet, 18 or 50.
        sizes (Sequence[int]): Of global and of local views.
    """
    ratios, rows = [], []
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder, 'images')
        write_jpegs(images, batch_size * iterations, distinct=512)
        for arm in arms:
            config = Path(folder, f'{arm.replace(" ", "")}.py')
            cfg = build_config(arm, images, batch_size, workers, depth, sizes)
            cfg.dump(config)
            steps = logged_steps(
                ROOT / 'tools/train.py', config, Path(folder, config.stem), 1
            )[warm_up:]
            total = sum(step['time'] for step in steps)
            waited = sum(step['data_time'] for step in steps)
            ratios.append(
                Ratio(
                    f'time, waiting for data / all, {arm}',
                    [waited / total],
                    at_most=0.05 if device == 'cuda' else None,
                )
            )
            seconds = statistics.median(step['time'] for step in steps)
            rows.append(
                {
                    'arm': arm,
                    'workers': workers,
                    'seconds an iteration': seconds,
                    'images a second': batch_size * len(steps) / total,
                }
            )
    return ratios, rows

"""What the device does to a batch before the step: upload, augmentation.

Batches are those of `mmsca.pack_views`, random pixels with parameters drawn
from SwAV's recipe, in pinned memory for a GPU. The step is that of SwAV with
a ResNet-50 on as many views.
"""

import statistics
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from benchmarks.ratio import Ratio
from benchmarks.step import CONFIGS, build_step, make_views
from benchmarks.timing import alternate
from mmsca.augmentation import Recipe


def packed_batch(batch_size: int, sizes: Sequence[int], device: str) -> dict:
    """A batch of random pixels as the loader gives it to a device."""
    num_views, recipe = len(sizes), Recipe()
    num_bytes = sum(3 * size * size for size in sizes)
    parameters = [recipe.draw(num_views) for _ in range(batch_size)]
    pixels = torch.randint(256, (batch_size, num_bytes), dtype=torch.uint8)
    return dict(
        inputs=pixels.pin_memory() if device == 'cuda' else pixels,
        sides=list(sizes),
        augmentation=torch.from_numpy(np.stack(parameters)),
        boxes=torch.zeros(batch_size, num_views, 4, dtype=torch.long),
        flips=torch.zeros(batch_size, num_views, dtype=torch.bool),
    )


def build_preprocessor(device: str) -> torch.nn.Module:
    """That of swav_r50.py."""
    init_default_scope('mmpretrain')
    cfg = Config.fromfile(CONFIGS / 'swav_r50.py')
    return MODELS.build(cfg.model.data_preprocessor).to(device)


def measure(
    batch_size: int,
    sizes: Sequence[int],
    pairs: int,
    precision: str,
    device: str,
    depth: int = 50,
) -> tuple[list[Ratio], list[dict]]:
    """Milliseconds an image, and the share of a step.

    Args:
        batch_size (int): Images.
        sizes (Sequence[int]): Side of each view in pixels, two global first.
        pairs (int): Batches, after one that warms up.
        precision, device, depth: As in :func:`benchmarks.step.build_step`.
    """
    preprocessor = build_preprocessor(device)
    step = build_step('mmsca', len(sizes), precision, device, depth=depth)
    views = make_views(batch_size, sizes, precision, device)
    batch = packed_batch(batch_size, sizes, device)
    arms = {
        'upload': lambda batch: preprocessor.cast_data(batch['inputs']),
        'upload and augmentation': lambda batch: preprocessor(batch, True),
        'step': lambda _: step(views),
    }
    seconds = alternate(arms, [batch] * (pairs + 1), device)
    seconds['augmentation'] = [
        whole - upload
        for whole, upload in zip(
            seconds['upload and augmentation'], seconds['upload'], strict=True
        )
    ]
    rows = [
        {
            'arm': arm,
            'ms an image': 1e3 * statistics.median(values) / batch_size,
        }
        for arm, values in seconds.items()
    ]

    def share(arm: str, at_most: float | None) -> Ratio:
        values = [
            part / (part + step)
            for part, step in zip(seconds[arm], seconds['step'], strict=True)
        ]
        return Ratio(f'time, {arm} / that and step', values, at_most=at_most)

    return [
        share('augmentation', 0.03 if device == 'cuda' else None),
        share('upload', None),
    ], rows

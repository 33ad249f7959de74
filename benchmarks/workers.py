"""Images a second that workers bring to the process that trains.

From 500 x 375 JPEGs to packed batches of 2x224 + 6x96 views, through the data
loader of swav_r50.py, on the clock.
"""

import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

from benchmarks.jpegs import write_jpegs
from benchmarks.ratio import Ratio
from benchmarks.step import CONFIGS
from mmsca.engine import Runner


def measure(
    batch_size: int, batches: int, workers: Sequence[int], device: str
) -> tuple[list[Ratio], list[dict]]:
    """Images a second by the number of workers.

    Args:
        batch_size (int): Images of a batch.
        batches (int): Of each worker, half of which warm up.
        workers (Sequence[int]): Numbers of workers.
        device (str): For 'cuda' batches come in pinned memory.
    """
    init_default_scope('mmpretrain')
    loader = Config.fromfile(CONFIGS / 'swav_r50.py').train_dataloader
    loader.update(batch_size=batch_size, pin_memory=device == 'cuda')
    loader.persistent_workers = False
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        count = batch_size * batches * max(workers)
        write_jpegs(Path(folder), count, distinct=512)
        loader.dataset.update(data_root=folder, data_prefix='')
        for number in workers:
            loader.num_workers = number
            built = Runner.build_dataloader(loader, seed=0)
            half = batches * number // 2
            source = islice(built, 2 * half)
            for _ in islice(source, half):
                pass
            start = time.perf_counter()
            for _ in source:
                pass
            speed = half * batch_size / (time.perf_counter() - start)
            rows.append(
                {
                    'workers': number,
                    'images a second': speed,
                    'images a second and worker': speed / number,
                }
            )
    return [], rows

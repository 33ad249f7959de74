"""How often the host waits for the GPU inside of a training step.

Counted by torch's `set_sync_debug_mode`, with the queue in use. A machine
without a GPU has nothing to wait for and counts none; what the tests look for
there is in tests/test_models/test_host_sync.py.
"""

import warnings
from collections.abc import Callable, Sequence

import torch

from benchmarks.augmentation import build_preprocessor, packed_batch
from benchmarks.ratio import Ratio
from benchmarks.step import build_step, make_views

MESSAGE = 'called a synchronizing CUDA operation'
# The config's queue, 3,840 rows, starts after this many epochs.
QUEUE_START, QUEUE_LENGTH = 15, 3840


def count_waits(function: Callable, *args) -> int:
    """Operations of a call at which the host waited for the GPU."""
    if not torch.cuda.is_available():
        function(*args)
        return 0
    torch.cuda.synchronize()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        torch.cuda.set_sync_debug_mode('warn')
        try:
            function(*args)
        finally:
            torch.cuda.set_sync_debug_mode('default')
    return sum(MESSAGE in str(warning.message) for warning in caught)


def measure(
    batch_size: int,
    sizes: Sequence[int],
    arms: Sequence[str],
    device: str,
    depth: int = 50,
) -> tuple[list[Ratio], list[dict]]:
    """Waits of the first step and of one with a full queue.

    Args:
        batch_size (int): Images.
        sizes (Sequence[int]): Side of each view in pixels, two global first.
        arms (Sequence[str]): Keys of :data:`benchmarks.step.ARMS`.
        device (str): 'cpu' or 'cuda'.
        depth (int): Of the ResNet.
    """
    preprocessor = build_preprocessor(device)
    batch = packed_batch(batch_size, sizes, device)
    views = make_views(batch_size, sizes, 'bf16', device)
    waits = {'augmentation': (preprocessor, batch, True)}
    for arm in arms:
        step = build_step(
            *(arm, len(sizes), 'bf16', device),
            epoch=QUEUE_START,
            depth=depth,
        )
        waits[arm] = step, views
    rows = []
    for name, (function, *args) in waits.items():
        first = count_waits(function, *args)
        if device == 'cuda':
            # The queue fills; on a CPU that would take minutes.
            for _ in range(QUEUE_LENGTH // batch_size + 1):
                function(*args)
        rows.append(
            {
                'arm': name,
                'waits of the first step': first,
                'waits of a later one': count_waits(function, *args),
            }
        )
    return [], rows

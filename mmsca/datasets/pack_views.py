"""Batches of views as one piece of memory."""

import torch
from mmengine.dataset import default_collate

from mmsca.registry import FUNCTIONS


@FUNCTIONS.register_module()
def pack_views(samples: list[dict]) -> dict:
    """Collate what `mmsca.MultiCrop` returns.

    All pixels of a batch lie in one tensor, in shared memory if a worker
    calls this, so that they go to the main process and to the device as one.

    Args:
        samples (list[dict]): B samples.

    Returns:
        dict: As the samples, stacked, but for `inputs`, uint8 (B, bytes),
        and `sides`, those of the V views whose pixels (3, S, S) follow one
        another in a row.
    """
    sides = [view.size(-1) for view in samples[0]['inputs']]
    rows = [
        dict(sample, inputs=torch.cat([v.flatten() for v in sample['inputs']]))
        for sample in samples
    ]
    return dict(default_collate(rows), sides=sides)

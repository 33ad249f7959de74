"""Samples become batches."""

import torch
from mmengine.dataset import default_collate

from mmsca.registry import FUNCTIONS
from mmsca.utils.errors import InputError


@FUNCTIONS.register_module()
def pack_views(samples: list[dict]) -> dict:
    """Collate what `mmsca.MultiCrop` returns.

    All pixels of a batch lie in one tensor, so that they go from a worker to
    the main process, and on to the device, as one.

    Args:
        samples (list[dict]): B samples.

    Returns:
        dict: As the samples, stacked, but for `inputs`, uint8 (B, bytes),
        and `sides`, those of the V views whose pixels (3, S, S) follow one
        another in a row.
    """
    sides = [view.size(-1) for view in samples[0]['inputs']]
    sizes = [3 * side * side for side in sides]
    packed = torch.empty(len(samples), sum(sizes), dtype=torch.uint8)
    for row, sample in zip(packed, samples, strict=True):
        for part, view in zip(row.split(sizes), sample['inputs'], strict=True):
            part.copy_(view.flatten())
    rest = [{k: v for k, v in s.items() if k != 'inputs'} for s in samples]
    return dict(default_collate(rest), inputs=packed, sides=sides)


@FUNCTIONS.register_module()
def stack_images(samples: list[dict]) -> dict:
    """Collate what `PackInputs` returns, as `default_collate` does.

    Raises:
        InputError: If the images differ in size; the message names two.
    """
    first = samples[0]
    for sample in samples:
        if sample['inputs'].shape != first['inputs'].shape:
            raise InputError(
                f'{describe(first)}, but {describe(sample)}, and images of '
                'one batch need one size. Add to `pipeline` what gives them '
                "one, such as dict(type='ResizeEdge', scale=256), "
                "dict(type='CenterCrop', crop_size=224) behind the loading."
            )
    return default_collate(samples)


def describe(sample: dict) -> str:
    """An image and its size, after the pipeline."""
    height, width = sample['inputs'].shape[1:]
    file = sample['data_samples'].get('img_path', 'One image')
    return f"'{file}' has {width} x {height} pixels"

"""Images of one size as a batch."""

from mmengine.dataset import default_collate

from mmsca.registry import FUNCTIONS
from mmsca.utils.errors import InputError


@FUNCTIONS.register_module()
def stack_images(samples: list[dict]) -> dict:
    """Collate what `PackInputs` returns, as `default_collate` does.

    Args:
        samples (list[dict]): `inputs`, (3, H, W) each, and `data_samples`.

    Returns:
        dict: `inputs`, (B, 3, H, W), and `data_samples`.

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

"""The masks of COCO's format."""

import numpy as np
from pycocotools import mask as mask_utils


def decode_segmentation(
    source: dict | list, size: tuple[int, int] | None
) -> np.ndarray:
    """Mask of one object.

    Args:
        source (dict | list): Run-length encoding, or polygons in pixels.
        size (tuple[int, int] | None): Width and height that polygons refer
            to.

    Returns:
        np.ndarray: uint8, 0 or 1, (H, W).
    """
    if isinstance(source, list):
        width, height = size
        polygons = mask_utils.frPyObjects(source, height, width)
        source = mask_utils.merge(polygons)
    elif isinstance(source['counts'], list):
        source = mask_utils.frPyObjects(source, *source['size'])
    return mask_utils.decode(source)

"""Where crops lie."""

import math
from typing import NamedTuple

import numpy as np
from torch import Tensor

# Width over height, and how often a box is tried, of RandomResizedCrop.
ASPECTS = 3 / 4, 4 / 3
TRIALS = 10


class Crops(NamedTuple):
    """Geometry of views, for relating their maps to one another.

    Attributes:
        boxes (Tensor): Corners x0, y0, x1, y1 in pixels of the upright
            image, x1 and y1 exclusive, (..., 4).
        flips (Tensor): bool (...), whether the crop was then mirrored.
    """

    boxes: Tensor
    flips: Tensor


def draw_boxes(
    num_boxes: int, image_size: tuple[int, int], scale: tuple[float, float]
) -> np.ndarray:
    """Boxes by the law of torchvision's `RandomResizedCrop.get_params`.

    Draws from NumPy's global generator, as many numbers whatever they are.

    Args:
        num_boxes (int): n.
        image_size (tuple[int, int]): Width and height.
        scale (tuple[float, float]): Range of the area, as a fraction of the
            image's.

    Returns:
        np.ndarray: Integers (n, 4), as in :class:`Crops`.
    """
    width, height = image_size
    u = np.random.rand(num_boxes, TRIALS + 1, 2)
    area = width * height * (scale[0] + (scale[1] - scale[0]) * u[:, 1:, 0])
    low, high = (math.log(aspect) for aspect in ASPECTS)
    aspect = np.exp(low + (high - low) * u[:, 1:, 1])
    sizes = np.stack([np.sqrt(area * aspect), np.sqrt(area / aspect)], axis=2)
    sizes = np.rint(sizes).astype(int)  # (n, TRIALS, 2)
    fits = ((sizes > 0) & (sizes <= image_size)).all(axis=2)
    size = sizes[np.arange(num_boxes), fits.argmax(axis=1)]
    room = image_size - size + 1
    corner = (u[:, 0] * room).astype(int)
    # The largest centred box of an allowed shape, where no trial fits.
    shape = min(width, round(height * ASPECTS[1])), height
    if width / height < ASPECTS[0]:
        shape = width, round(width / ASPECTS[0])
    missed = ~fits.any(axis=1)
    size[missed] = shape
    corner[missed] = (np.array(image_size) - shape) // 2
    return np.concatenate([corner, corner + size], axis=1)

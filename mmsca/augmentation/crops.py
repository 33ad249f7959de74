"""Where crops lie, and where one crop lies in another."""

import math
from typing import NamedTuple

import numpy as np
import torch
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


def grid_in(source: Crops, target: Crops, shape: tuple[int, int]) -> Tensor:
    """Where the cells of a map of one view lie in another view.

    Args:
        source (Crops): Of the views that have the maps, boxes (..., 4).
        target (Crops): Of the other views of the same images, boxes
            (..., 4).
        shape (tuple[int, int]): Rows and columns H, W of the maps.

    Returns:
        Tensor: x and y of the centres of the cells, (..., H, W, 2), -1 at
        the left or upper edge of the target and 1 at the opposite one, as
        `torch.nn.functional.grid_sample` with `align_corners=False` takes
        them. Beyond [-1, 1] the target does not show the place.
    """
    rows, columns = (
        (torch.arange(n, device=source.boxes.device) + 0.5) / n for n in shape
    )
    y, x = torch.meshgrid(rows, columns, indexing='ij')
    cells = mirrored(torch.stack([x, y], dim=-1), source.flips)
    corner, size = corner_and_size(source.boxes)
    pixels = corner + cells * size  # (..., H, W, 2)
    corner, size = corner_and_size(target.boxes)
    return 2 * mirrored((pixels - corner) / size, target.flips) - 1


def corner_and_size(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Upper left corners and sizes of boxes (..., 4), (..., 1, 1, 2)."""
    corner, end = boxes[..., None, None, :].float().split(2, dim=-1)
    return corner, end - corner


def mirrored(places: Tensor, flips: Tensor) -> Tensor:
    """Places (..., H, W, 2) in [0, 1] with x mirrored where flips say so."""
    x, y = places.unbind(dim=-1)
    x = torch.where(flips[..., None, None], 1 - x, x)
    return torch.stack([x, y.expand_as(x)], dim=-1)

"""Tiny ImageNet as tensors, and boxes as shares of cells."""

from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.model import BaseModel
from torch import Tensor

from mmsca.datasets.tiny_imagenet import read_tiny_imagenet

SIDE = 64  # pixels of an image


def read_splits(root: Path) -> dict[str, dict[str, Tensor]]:
    """Read all images.

    Args:
        root (Path): Folder as its archive unpacks.

    Returns:
        dict: `train`, `val` and `test`, each with `images`, uint8
        (N, 3, 64, 64), RGB; `labels` (N, ); and `boxes` (N, 4) in pixels,
        exclusive x1 and y1.
    """
    classes, splits, objects = read_tiny_imagenet(root)
    result = {}
    for split in ('train', 'val', 'test'):
        names = [name for name in splits if splits[name] == split]
        images = [cv2.imread(str(root / name))[..., ::-1] for name in names]
        firsts = [objects[name][0] for name in names]  # class, box
        result[split] = dict(
            images=torch.from_numpy(np.stack(images)).movedim(3, 1).clone(),
            labels=torch.tensor([classes.index(c) for c, _ in firsts]),
            boxes=torch.tensor([box for _, box in firsts]).float(),
        )
    return result


def normalized(model: BaseModel, images: Tensor) -> Tensor:
    """Levels of 0-255 (N, 3, H, W) as the network takes them."""
    preprocessor = model.data_preprocessor
    return (images.float() - preprocessor.mean) / preprocessor.std


def coverage(boxes: Tensor, views: 'Corners', size: int) -> Tensor:
    """Share of each cell of a view that a box covers.

    Args:
        boxes (Tensor): Shape (N, 4), in pixels of the image.
        views (Corners): Where the views lie.
        size (int): Cells along a side.

    Returns:
        Tensor: Shape (N, size, size), in [0, 1].
    """
    places = torch.arange(size + 1, device=boxes.device) / size

    def shares(low, high, start, end):  # along one axis, (N, size)
        edges = low[:, None] + (high - low)[:, None] * places
        inside = edges.clamp(start[:, None], end[:, None]).diff(dim=1)
        return inside * size / (high - low)[:, None]

    x0, y0, x1, y1, flips = views
    columns = shares(x0, x1, boxes[:, 0], boxes[:, 2])
    rows = shares(y0, y1, boxes[:, 1], boxes[:, 3])
    columns = torch.where(flips[:, None], columns.flip(1), columns)
    return rows[:, :, None] * columns[:, None, :]


def whole(count: int, device: torch.device) -> 'Corners':
    """Corners of views that are the images."""
    zero = torch.zeros(count, device=device)
    return zero, zero, zero + SIDE, zero + SIDE, zero > 0


# x0, y0, x1, y1 in pixels and whether mirrored, each of shape (N, ).
Corners = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]

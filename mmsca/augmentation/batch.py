"""Augmenting many views at once, on the device that they are on."""

import numpy as np
import torch
from torch import Tensor

from mmsca.augmentation.blur import gaussian_blur
from mmsca.augmentation.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
    solarize,
    to_gray,
)
from mmsca.augmentation.recipe import COLUMNS, JITTER, NEUTRAL, SLOTS

OPERATIONS = dict(
    flip=lambda views, _: views.flip(3),
    brightness=adjust_brightness,
    contrast=adjust_contrast,
    saturation=adjust_saturation,
    hue=adjust_hue,
    gray=lambda views, _: to_gray(views),
    blur=gaussian_blur,
    solarize=solarize,
)
# Pixels that a CPU takes through all operations before the next ones, so that
# they stay in its cache: a view of 224, ten of 96.
CPU_PIXELS = 100_000


def augment(
    views: Tensor,
    parameters: Tensor,
    mean: Tensor | float = 0.0,
    std: Tensor | float = 1.0,
) -> Tensor:
    """Flip, jitter, turn gray, blur and solarize each view, in this order.

    Args:
        views (Tensor): uint8 (N, 3, S, S), RGB.
        parameters (Tensor): What :meth:`Recipe.draw` gave for each view,
            (N, P), on the CPU: which view takes which operation is decided
            there, and the device is never waited for.
        mean, std (Tensor | float): Subtracted from the levels, in [0, 255],
            and then divided by; broadcast to (3, S, S).

    Returns:
        Tensor: fp32 (N, 3, S, S).
    """
    parameters = parameters.numpy()
    if views.device.type != 'cpu':
        return apply_recipe(views.float(), parameters).sub_(mean).div_(std)
    result = torch.empty(views.shape)
    count = max(CPU_PIXELS // views[0, 0].numel(), 1)
    rows = by_operations(parameters)
    for start in range(0, len(rows), count):
        part = rows[start : start + count]
        chunk = torch.stack([views[row] for row in part]).float()
        chunk = apply_recipe(chunk, parameters[part]).sub_(mean).div_(std)
        for row, view in zip(part, chunk, strict=True):
            result[row] = view
    return result


def by_operations(parameters: np.ndarray) -> np.ndarray:
    """An order in which views of the same operations are neighbours."""
    used = (parameters != NEUTRAL).T
    others = [
        used[COLUMNS.index(name)]
        for name in ('solarize', 'flip', 'gray', 'blur')
    ]
    return np.lexsort([*others, *parameters[:, SLOTS].T])


def apply_recipe(views: Tensor, parameters: np.ndarray) -> Tensor:
    """As :func:`augment`, of fp32 views that may be overwritten."""
    views = apply('flip', views, parameters)
    for slot in parameters[:, SLOTS].T:
        for operation, name in enumerate(JITTER):
            views = apply(name, views, parameters, slot == operation)
    for name in ('gray', 'blur', 'solarize'):
        views = apply(name, views, parameters)
    return views


def apply(
    name: str,
    views: Tensor,
    parameters: np.ndarray,
    candidates: np.ndarray | bool = True,
) -> Tensor:
    """One operation, on those of the candidates whose views it changes."""
    column = COLUMNS.index(name)
    factors = parameters[:, column]
    rows = np.flatnonzero((factors != NEUTRAL[column]) & candidates)
    if len(rows) == 0:
        return views
    operation = OPERATIONS[name]
    values = on_device(factors[rows], views)
    if len(rows) == len(views):
        return operation(views, values)
    # Neighbours by a slice: a CPU is slow at gathering rows.
    index = slice(rows[0], rows[-1] + 1)
    if len(rows) < index.stop - index.start:
        index = on_device(rows, views)
    views[index] = operation(views[index], values)
    return views


def on_device(values: np.ndarray, views: Tensor) -> Tensor:
    """Values where the views are, without waiting for that device."""
    return torch.from_numpy(values).to(views.device, non_blocking=True)

"""What localizes without a map: the whole image, and a box at its centre.

A method localizes only as far as it does better. The whole image is what a
map gives at a threshold of 0. The centre box has half the width and half the
height of the image, a quarter of its area; its size is not fitted, and its
point is the centre of the image, as in the pointing game (Zhang et al. 2016).
"""

import logging

import numpy as np
from mmengine.logging import print_log

from mmsca.evaluation.map_scores import box_hits, energy_inside, points_at

BASELINES = ('whole_image', 'centre_box')


def centre_slices(shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the centre box of an image (height, width)."""
    height, width = shape
    return (
        slice(height // 4, height - height // 4),
        slice(width // 4, width - width // 4),
    )


def baseline_scores(
    shape: tuple[int, int],
    gt_boxes: np.ndarray,
    exact_gt_boxes: np.ndarray,
    tolerance: float,
) -> np.ndarray:
    """Scores of one image, as those of a map.

    Args:
        shape (tuple[int, int]): Height and width in pixels.
        gt_boxes, exact_gt_boxes: See
            :func:`mmsca.evaluation.map_scores.box_hits`.
        tolerance (float): Of the pointing game.

    Returns:
        np.ndarray: (2, 7): of each baseline the five hits of `box_hits`, of
        the pointing game, which is the same for both, and the energy.
    """
    whole, centre, point = np.ones(shape), np.zeros(shape), np.zeros(shape)
    centre[centre_slices(shape)] = 1
    point[shape[0] // 2, shape[1] // 2] = 1
    pointed = points_at(point, gt_boxes, tolerance)
    rows = []
    for cam in (whole, centre):
        hits = box_hits(cam, gt_boxes, exact_gt_boxes, np.zeros(1))
        rows.append([*hits[:, 0], pointed, energy_inside(cam, gt_boxes)])
    return np.array(rows, dtype=np.float32)


def warn_if_not_above(metrics: dict[str, float], names: list[str]) -> None:
    """Say which scores of these names a baseline reaches.

    `metrics` has those of a baseline with its own name before theirs.
    """
    reached = []
    for name in names:
        others = {
            baseline.replace('_', ' '): metrics[f'{baseline}_{name}']
            for baseline in BASELINES
            if f'{baseline}_{name}' in metrics
        }
        if metrics[name] <= max(others.values()) and metrics[name] < 100:
            beside = ', '.join(f'{k} {v:.1f}' for k, v in others.items())
            reached.append(f'{name} {metrics[name]:.1f} ({beside})')
    if reached:
        print_log(
            'These maps are not above what needs no map, so that the scores '
            f'do not show that anything is localized: {"; ".join(reached)}.',
            'current',
            logging.WARNING,
        )

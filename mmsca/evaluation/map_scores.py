"""How well one class map localizes: boxes, pointing game, energy."""

import numpy as np

from mmsca.evaluation.boxes import (
    box_iou,
    drawn_boxes,
    outlines_above,
    quantize,
    targets_of,
)

# The fractions of the maximum that the WSOL benchmark searches.
THRESHOLDS = np.arange(0, 1, 0.001)
# Rows of the table of hits: the largest box at IoU 0.5 (MaxBoxAcc), then any
# box at each IoU of MaxBoxAccV2, then the largest box as CorLoc counts it.
MAX_BOX_ACC_IOU = 0.5
V2_IOUS = (0.3, 0.5, 0.7)
CORLOC_IOU = 0.5
NUM_ROWS = 1 + len(V2_IOUS) + 1


def box_hits(
    cam: np.ndarray,
    gt_boxes: np.ndarray,
    exact_gt_boxes: np.ndarray,
    thresholds: np.ndarray,
) -> np.ndarray:
    """Whether the boxes of a map hit, at every threshold.

    Args:
        cam (np.ndarray): Map in [0, 1], (H, W).
        gt_boxes (np.ndarray): Integer boxes in pixels of the map, (n, 4).
        exact_gt_boxes (np.ndarray): The same with fractions and exclusive
            x1, y1, (m, 4), for CorLoc.
        thresholds (np.ndarray): Fractions of the maximum, in [0, 1), (T,).

    Returns:
        np.ndarray: Bool, (5, T): MaxBoxAcc, MaxBoxAccV2 at IoU 0.3, 0.5, 0.7,
        CorLoc.
    """
    gray = quantize(cam)
    # Many thresholds share one of the at most 255 integer levels.
    levels, of_threshold = np.unique(
        (thresholds * gray.max()).astype(int), return_inverse=True
    )
    targets = targets_of(gt_boxes, min(V2_IOUS), edge=1)
    targets += targets_of(exact_gt_boxes, CORLOC_IOU, edge=0)
    outlines, first, largest = outlines_above(gray, levels.tolist(), targets)
    boxes = drawn_boxes(outlines, gray.shape)
    ious = box_iou(boxes, gt_boxes, edge=1).max(axis=1)
    best = np.maximum.reduceat(ious, first)  # over all boxes of a level
    exact = box_iou(outlines[largest], exact_gt_boxes, edge=0).max(axis=1)
    # Beyond the last level that was drawn nothing hits.
    hits = np.zeros((NUM_ROWS, len(levels)), dtype=bool)
    drawn = slice(len(first))
    hits[0, drawn] = ious[largest] >= MAX_BOX_ACC_IOU
    hits[1:-1, drawn] = best >= np.array(V2_IOUS)[:, None]
    hits[-1, drawn] = exact >= CORLOC_IOU
    return hits[:, of_threshold]


def points_at(cam: np.ndarray, gt_boxes: np.ndarray, tolerance: float) -> bool:
    """Pointing game: whether the maximum of a map lies on the object.

    "Top-down Neural Attention by Excitation Backprop" (Zhang et al., 2016).

    Args:
        cam (np.ndarray): Map, (H, W). One without a maximum above zero
            points nowhere.
        gt_boxes (np.ndarray): Integer boxes in pixels of the map, (n, 4).
        tolerance (float): The maximum may lie outside, at less than this
            distance in pixels.
    """
    if cam.max() <= 0:
        return False
    y, x = np.unravel_index(cam.argmax(), cam.shape)
    point = np.array([x, y])
    outside = np.maximum(gt_boxes[:, :2] - point, point - gt_boxes[:, 2:])
    distance = np.linalg.norm(np.maximum(outside, 0), axis=1).min()
    return bool(distance == 0 or distance < tolerance)


def energy_inside(cam: np.ndarray, gt_boxes: np.ndarray) -> float:
    """Energy pointing game: share of a map that lies within the boxes.

    "Score-CAM" (Wang et al., 2020). Several boxes count as their union.

    Args:
        cam (np.ndarray): Map, not negative, (H, W). One of zeros gives 0.
        gt_boxes (np.ndarray): Integer boxes in pixels of the map, (n, 4).
    """
    inside = np.zeros(cam.shape, dtype=bool)
    for x0, y0, x1, y1 in gt_boxes:
        inside[y0 : y1 + 1, x0 : x1 + 1] = True
    total = cam.sum(dtype=np.float64)
    return float(cam[inside].sum(dtype=np.float64) / total) if total else 0.0

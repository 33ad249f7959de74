"""Boxes of a class map, as the WSOL benchmark draws and compares them.

"Evaluating Weakly Supervised Object Localization Methods Right" (Choe et al.,
CVPR 2020) fixed the conventions that published numbers follow, and they are
kept to the pixel, odd as some are:

* A box is (x0, y0, x1, y1) in integers. The right and lower edge of a drawn
  box lie one pixel outside its contour, except at the border of the map.
* IoU counts both edges in: a box is x1 - x0 + 1 pixels wide.
* Holes have contours of their own; with more than one contour allowed, the
  box of a hole is a candidate like any other.

So a ground truth box whose x1, y1 are exclusive, as those of MaterialScenes,
equals the drawn box of a perfect map.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np


def quantize(cam: np.ndarray) -> np.ndarray:
    """Map of floats in [0, 1] to integers in [0, 255], truncating."""
    return (cam * 255).astype(np.uint8)


@contextmanager
def without_ipp() -> Iterator[None]:
    """Keep OpenCV, in this thread, from Intel's IPP.

    IPP asks for the model of the CPU at every contour. A virtual machine
    takes longer to answer than the contour takes; numbers are the same.
    """
    before = cv2.ipp.useIPP()
    cv2.ipp.setUseIPP(False)
    try:
        yield
    finally:
        cv2.ipp.setUseIPP(before)


@without_ipp()
def outlines_above(
    gray: np.ndarray, levels: Sequence[int], targets: Sequence[tuple] = ()
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bounds of all contours above each of several levels.

    Args:
        gray (np.ndarray): Map, uint8, (H, W).
        levels (Sequence[int]): Pixels strictly above a level are inside.
            Ascending.
        targets (Sequence[tuple]): Of `targets_of`. With any, the levels end
            (L is smaller) once no box can share as much as one needs.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: One box per contour, level
        after level, (n, 4), x1 and y1 exclusive; the index of the first box
        of each level, (L,); and that of the box with the largest contour of
        each level, (L,). A level without any contour has the one box
        [0, 0, 0, 0].
    """
    boxes, first, largest = [], [], []
    for level in levels:
        _, binary = cv2.threshold(gray, level, 255, cv2.THRESH_BINARY)
        contours, _ = cv2.findContours(
            binary, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE
        )
        # The area of the polygon, not the number of pixels: a line has none.
        areas = [cv2.contourArea(contour) for contour in contours] or [0]
        first.append(len(boxes))
        largest.append(len(boxes) + areas.index(max(areas)))
        found = [cv2.boundingRect(contour) for contour in contours]
        found = [(x, y, x + w, y + h) for x, y, w, h in found]
        boxes += found or [(0, 0, 0, 0)]
        # Whatever a higher level has lies inside a box of this one.
        if targets and not any_reaches(found, targets):
            break
    return np.array(boxes), np.array(first), np.array(largest)


def targets_of(boxes: np.ndarray, iou: float, edge: int) -> list[tuple]:
    """What a box needs to share with each of some boxes g for an IoU.

    A union is no smaller than either box: IoU <= area(b & g) / area(g), also
    for each box inside of b.

    Args:
        boxes (np.ndarray): Boxes g, (n, 4).
        iou (float): In (0, 1].
        edge (int): 1 where x1, y1 belong to a box, 0 where they do not.

    Returns:
        list[tuple]: x0, y0, x1, y1 and the area to share, of each box.
    """
    needed = iou * (boxes[:, 2:] - boxes[:, :2] + edge).prod(axis=1)
    return [(*g, area) for g, area in zip(boxes.tolist(), needed, strict=True)]


def any_reaches(boxes: Sequence[tuple], targets: Sequence[tuple]) -> bool:
    """Whether a box shares with a target as much as that needs.

    Edges count in, so that the answer may be yes where `targets` were made
    without them and it is no.
    """
    for x0, y0, x1, y1 in boxes:
        for left, top, right, bottom, needed in targets:
            width = min(x1, right) - max(x0, left) + 1
            height = min(y1, bottom) - max(y0, top) + 1
            if width > 0 and height > 0 and width * height >= needed:
                return True
    return False


def drawn_boxes(outlines: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Boxes as the WSOL benchmark draws them around outlines, both (n, 4).

    `shape` is height and width of the map.
    """
    height, width = shape
    return np.minimum(outlines, (width, height, width - 1, height - 1))


def boxes_above(
    gray: np.ndarray, levels: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`outlines_above`, drawn by `drawn_boxes`."""
    outlines, first, largest = outlines_above(gray, levels)
    return drawn_boxes(outlines, gray.shape), first, largest


def largest_box(cam: np.ndarray, threshold: float) -> np.ndarray:
    """Box of the largest contour, (4,), integers.

    Args:
        cam (np.ndarray): Map in [0, 1], (H, W).
        threshold (float): Fraction of its maximum, in [0, 1).
    """
    gray = quantize(cam)
    boxes, _, largest = boxes_above(gray, [int(threshold * gray.max())])
    return boxes[largest[0]]


def resize_boxes(
    boxes: np.ndarray, size: tuple[int, int], new_size: tuple[int, int]
) -> np.ndarray:
    """Boxes (n, 4) from one (width, height) to another, truncated."""
    boxes = np.asarray(boxes, dtype=float)
    return (boxes * (new_size * 2) / (tuple(size) * 2)).astype(int)


def box_iou(boxes: np.ndarray, others: np.ndarray, edge: int) -> np.ndarray:
    """IoU of each box with each other.

    Args:
        boxes (np.ndarray): (n, 4).
        others (np.ndarray): (m, 4).
        edge (int): See `targets_of`.

    Returns:
        np.ndarray: (n, m), in [0, 1]; 0 where a box is empty.
    """
    boxes, others = boxes[:, None], others[None]
    upper = np.maximum(boxes[..., :2], others[..., :2])
    lower = np.minimum(boxes[..., 2:], others[..., 2:])
    shared = np.maximum(lower - upper + edge, 0).prod(axis=-1)  # (n, m)
    area = (boxes[..., 2:] - boxes[..., :2] + edge).prod(axis=-1)
    other_area = (others[..., 2:] - others[..., :2] + edge).prod(axis=-1)
    # The 1e-7 that LOST adds to the union is lost in its fp32.
    return shared / np.maximum(area + other_area - shared, 1e-7)

import cv2
import numpy as np
import pytest

from mmsca.evaluation.boxes import (
    boxes_above,
    largest_box,
    outlines_above,
    resize_boxes,
    targets_of,
)


def canvas(*regions) -> np.ndarray:
    gray = np.zeros((12, 16), dtype=np.uint8)
    for y0, y1, x0, x1, value in regions:
        gray[y0:y1, x0:x1] = value
    return gray


# Right and lower edges lie one pixel outside, but for the last row or column.
@pytest.mark.parametrize(
    ('gray', 'boxes', 'largest'),
    [
        (canvas((2, 6, 3, 9, 255)), [[3, 2, 9, 6]], [3, 2, 9, 6]),
        # A ring has an outer contour and that of its hole.
        (
            canvas((1, 9, 1, 9, 255), (3, 7, 3, 7, 0)),
            [[1, 1, 9, 9], [2, 2, 8, 8]],
            [1, 1, 9, 9],
        ),
        # A line has no area, so a small square beats it.
        (
            canvas((1, 2, 0, 14, 255), (5, 7, 4, 6, 255)),
            [[0, 1, 14, 2], [4, 5, 6, 7]],
            [4, 5, 6, 7],
        ),
        # Blobs that touch at a corner are one.
        (
            canvas((1, 3, 1, 3, 255), (3, 6, 3, 6, 255)),
            [[1, 1, 6, 6]],
            [1, 1, 6, 6],
        ),
        (canvas((8, 12, 10, 16, 255)), [[10, 8, 15, 11]], [10, 8, 15, 11]),
        (canvas(), [[0, 0, 0, 0]], [0, 0, 0, 0]),
    ],
    ids=['square', 'ring', 'line', 'diagonal', 'border', 'empty'],
)
def test_boxes_of_shapes(gray, boxes, largest):
    found, first, index = boxes_above(gray, [100])
    assert sorted(found.tolist()) == boxes
    assert found[index].tolist() == [largest]
    assert first.tolist() == [0]


def test_levels_come_one_after_another_and_exclude_pixels_at_them():
    gray = canvas((2, 6, 3, 9, 100), (3, 5, 4, 6, 101), (8, 10, 3, 5, 100))
    boxes, first, largest = boxes_above(gray, [99, 100, 101])
    assert first.tolist() == [0, 2, 3]
    assert boxes[first[1] :].tolist() == [[4, 3, 6, 5], [0, 0, 0, 0]]
    assert boxes[largest[0]].tolist() == [3, 2, 9, 6]


def test_levels_end_where_no_box_can_reach_a_target():
    gray = canvas((1, 11, 1, 15, 50), (2, 5, 2, 5, 100), (8, 9, 9, 10, 200))
    # 3 x 3 pixels within 5 x 6; a single one is too little for IoU 0.3.
    targets = targets_of(np.array([[1, 1, 6, 5]]), iou=0.3, edge=1)
    boxes, first, largest = outlines_above(gray, [0, 50, 150, 199], targets)
    every, starts, indices = outlines_above(gray, [0, 50, 150])
    assert boxes.tolist() == every.tolist()
    assert first.tolist() == starts.tolist()
    assert largest.tolist() == indices.tolist()


def test_opencv_is_left_as_it_was():
    before = cv2.ipp.useIPP()
    with pytest.raises(cv2.error):
        outlines_above(canvas().astype(float), [0])
    outlines_above(canvas(), [0])
    assert cv2.ipp.useIPP() == before


def test_largest_box_thresholds_at_a_fraction_of_the_maximum():
    cam = np.zeros((12, 16), dtype=np.float32)
    cam[2:6, 3:9] = 0.4
    cam[3:5, 4:6] = 0.8
    assert largest_box(cam, 0.49).tolist() == [3, 2, 9, 6]
    assert largest_box(cam, 0.51).tolist() == [4, 3, 6, 5]


def test_resize_boxes_truncates_each_axis_by_its_own_factor():
    boxes = np.array([[111, 108, 441, 193], [0, 0, 500, 375]])
    resized = resize_boxes(boxes, (500, 375), (224, 224))
    assert resized.tolist() == [[49, 64, 197, 115], [0, 0, 224, 224]]

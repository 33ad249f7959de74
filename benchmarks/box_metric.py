"""What the box metric costs: time beside the plain procedure, and memory.

Maps are random fields at 224 with one or two boxes each: shaped as Grad-CAMs
of a ResNet, 7 x 7 numbers that are not negative, upsampled; and with hills
everywhere. The plain procedure is that of the WSOL benchmark in
our words: for each threshold of its grid, binarise, find contours, compare
each box with each ground truth. Both give the same hits. Memory is that of a
process in which `mmsca.CAMLocalization` sees maps without end.
"""

import statistics

import cv2
import numpy as np
import torch

from benchmarks.ratio import Ratio, pairwise
from benchmarks.timing import alternate, peak_mib
from mmsca.evaluation import CAMLocalization
from mmsca.evaluation.boxes import without_ipp
from mmsca.evaluation.map_scores import box_hits

FULL = dict(images=40, memory_images=50_000)
SMALL = dict(images=2, memory_images=20)
SIZE = 224
# Times as fast as the plain procedure, by the step of the grid.
TARGETS = {0.01: 3, 0.001: 4.4}
MEMORY_LIMIT = 200  # MiB


def relu_map(rng) -> np.ndarray:
    return stretch(rng.standard_normal((7, 7)).clip(0), cv2.INTER_LINEAR)


def hilly_map(rng) -> np.ndarray:
    return stretch(rng.random((7, 7)), cv2.INTER_CUBIC)


MAPS = {'Grad-CAM': relu_map, 'hills': hilly_map}


def stretch(grid: np.ndarray, interpolation: int) -> np.ndarray:
    """Upsample to SIZE x SIZE, then to [0, 1]."""
    raw = cv2.resize(
        grid.astype(np.float32), (SIZE, SIZE), interpolation=interpolation
    )
    return (raw - raw.min()) / (raw.max() - raw.min())


def make_boxes(rng) -> np.ndarray:
    corners = np.sort(rng.integers(0, SIZE - 1, (rng.integers(1, 3), 2, 2)), 1)
    corners[:, 1] += 1
    return corners.reshape(-1, 4)


def plain_iou(a, b) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    shared = max(0, width) * max(0, height)
    area_a = (a[2] - a[0] + 1) * (a[3] - a[1] + 1)
    area_b = (b[2] - b[0] + 1) * (b[3] - b[1] + 1)
    return shared / (area_a + area_b - shared)


def plain_hits(cam, gt_boxes, thresholds) -> np.ndarray:
    """MaxBoxAcc and MaxBoxAccV2 at IoU 0.3, 0.5, 0.7, (4, T)."""
    gray = (cam * 255).astype(np.uint8)
    hits = np.zeros((4, len(thresholds)), dtype=bool)
    for column, threshold in enumerate(thresholds):
        _, binary = cv2.threshold(
            gray, int(threshold * gray.max()), 255, cv2.THRESH_BINARY
        )
        contours, _ = cv2.findContours(
            binary, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE
        )
        boxes, areas = [[0, 0, 0, 0]], [0]
        if contours:
            boxes, areas = [], []
        for contour in contours:
            x, y, width, height = cv2.boundingRect(contour)
            x1, y1 = min(x + width, SIZE - 1), min(y + height, SIZE - 1)
            boxes.append([x, y, x1, y1])
            areas.append(cv2.contourArea(contour))
        ious = [max(plain_iou(box, gt) for gt in gt_boxes) for box in boxes]
        hits[0, column] = ious[areas.index(max(areas))] >= 0.5
        for row, wanted in enumerate((0.3, 0.5, 0.7), start=1):
            hits[row, column] = max(ious) >= wanted
    return hits


def compare(kind: str, step: float, images: int) -> tuple[list[Ratio], dict]:
    """Times on the same maps.

    Args:
        kind (str): A key of `MAPS`.
        step (float): Of the grid of thresholds, a key of `TARGETS`.
        images (int): Number of maps, after one that warms up.
    """
    rng = np.random.default_rng(0)
    thresholds = np.arange(0, 1, step)
    items = [(MAPS[kind](rng), make_boxes(rng)) for _ in range(images + 1)]

    def ours(item) -> np.ndarray:
        cam, boxes = item
        return box_hits(cam, boxes, boxes, thresholds)[:4]

    def plain(item) -> np.ndarray:
        cam, boxes = item
        return plain_hits(cam, boxes.tolist(), thresholds)

    for item in items:
        np.testing.assert_array_equal(ours(item), plain(item))
    arms = {
        'mmsca': ours,
        'plain': plain,
        'plain without IPP': without_ipp()(plain),
    }
    seconds = alternate(arms, items)
    name = f'{kind}, {len(thresholds)} thresholds'
    row = {'maps': name} | {
        f'ms, {arm}': 1e3 * statistics.median(values)
        for arm, values in seconds.items()
    }
    ratios = [
        Ratio(
            f'time, {arm} / mmsca ({name})',
            pairwise(seconds[arm], seconds['mmsca']),
            at_least=TARGETS[step] if arm == 'plain' else None,
        )
        for arm in list(arms)[1:]
    ]
    return ratios, row


def evaluate(images: int) -> None:
    """One run of the metric, over maps of which no two are the same."""
    rng = np.random.default_rng(0)
    metric = CAMLocalization('oracle', collect_device='cpu')
    for _ in range(images):
        sample = dict(
            pred_cam=torch.from_numpy(relu_map(rng)),
            cam_label=torch.tensor([3]),
            gt_label=torch.tensor([3]),
            pred_score=torch.rand(1000),
            ori_gt_bboxes=make_boxes(rng),
            ori_size=(SIZE, SIZE),
            ori_shape=(SIZE, SIZE),
            img_shape=(SIZE, SIZE),
        )
        metric.process(None, [sample])
    metric.evaluate(images)


def measure(images: int, memory_images: int) -> tuple[list[Ratio], list[dict]]:
    """How many times as fast, at 100 and 1,000 thresholds, and memory.

    Args:
        images (int): Maps that are timed.
        memory_images (int): Images of the run whose memory counts.
    """
    cv2.setNumThreads(1)
    ratios, rows = [], []
    for kind in MAPS:
        for step in TARGETS:
            found, row = compare(kind, step, images)
            ratios += found
            rows.append(row)
    mib = peak_mib(evaluate, memory_images) - peak_mib(evaluate, 1)
    name = f'memory of {memory_images} images / {MEMORY_LIMIT} MiB'
    ratios.append(Ratio(name, [mib / MEMORY_LIMIT], at_most=1))
    return ratios, rows

"""What the box metric costs: time beside the plain procedure, and memory.

    python benchmarks/box_metric.py

Maps are smooth random fields at 224, with one or two boxes each. The plain
procedure is that of the WSOL benchmark in our words: for each threshold of its
grid, binarise, find contours, compare each box with each ground truth. Both
give the same hits, which is checked; each image goes to both and gives one
ratio of CPU times. Memory is that of a process of its own in which
`mmsca.CAMLocalization` sees 50,000 maps.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch

from mmsca.evaluation import CAMLocalization
from mmsca.evaluation.map_scores import THRESHOLDS, box_hits

SIZE = 224


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--images', type=int, default=40)
    parser.add_argument('--memory-images', type=int, default=50_000)
    parser.add_argument('--out', type=Path, help='JSON file to write')
    # A process calls itself with this, for its memory alone.
    parser.add_argument(
        '--memory', action='store_true', help=argparse.SUPPRESS
    )
    return parser.parse_args()


def make_map(rng) -> np.ndarray:
    raw = cv2.resize(
        rng.random((7, 7), dtype=np.float32),
        (SIZE, SIZE),
        interpolation=cv2.INTER_CUBIC,
    )
    return (raw - raw.min()) / (raw.max() - raw.min())


def make_boxes(rng) -> np.ndarray:
    corners = np.sort(rng.integers(0, SIZE, (rng.integers(1, 3), 2, 2)), 1)
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


def compare(images: int, stride: int) -> dict:
    """Times of both on every `stride`-th threshold of the grid for theirs.

    Ours always scores all 1000, which it does at no more than 255 levels.
    """
    rng = np.random.default_rng(0)
    thresholds = THRESHOLDS[::stride]
    ours, theirs = [], []
    for _ in range(images):
        cam, boxes = make_map(rng), make_boxes(rng)
        start = time.process_time()
        hits = box_hits(cam, boxes, boxes)
        middle = time.process_time()
        plain = plain_hits(cam, boxes.tolist(), thresholds)
        theirs.append(time.process_time() - middle)
        ours.append(middle - start)
        assert (hits[:4, ::stride] == plain).all()
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    return dict(
        thresholds=len(thresholds),
        ours_ms=1e3 * statistics.median(ours),
        plain_ms=1e3 * statistics.median(theirs),
        ratio=dict(
            low=ratios[len(ratios) // 10],
            median=statistics.median(ratios),
            high=ratios[-1 - len(ratios) // 10],
        ),
    )


def sample(rng, cam: np.ndarray) -> dict:
    return dict(
        pred_cam=torch.from_numpy(cam),
        cam_label=torch.tensor([3]),
        gt_label=torch.tensor([3]),
        pred_score=torch.rand(1000),
        ori_gt_bboxes=make_boxes(rng),
        ori_size=(SIZE, SIZE),
        ori_shape=(SIZE, SIZE),
        img_shape=(SIZE, SIZE),
    )


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def measure_memory(images: int) -> None:
    """Prints MiB beyond what a run of a single image reaches."""
    rng = np.random.default_rng(0)
    metric = CAMLocalization('oracle', collect_device='cpu')
    # A narrow range of values has few levels: a fast map, results as large.
    cams = [np.round(make_map(rng) * 8) / 8 for _ in range(16)]
    metric.process(None, [sample(rng, cams[0])])
    metric.evaluate(1)
    start = peak_mib()
    for index in range(images):
        metric.process(None, [sample(rng, cams[index % len(cams)])])
    metric.evaluate(images)
    print(peak_mib() - start)


def main() -> None:
    args = parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    if args.memory:
        measure_memory(args.memory_images)
        return
    # The grid of the published code, and that of its command line.
    results = [compare(args.images, stride) for stride in (1, 10)]
    for result in results:
        ratio = result['ratio']
        print(
            f'{result["thresholds"]:5} thresholds: ours '
            f'{result["ours_ms"]:.2f} ms an image, plain '
            f'{result["plain_ms"]:.2f} ms; ratio median '
            f'{ratio["median"]:.2f} ({ratio["low"]:.2f} to '
            f'{ratio["high"]:.2f} for 80 % of the images)'
        )
    command = [sys.executable, __file__, '--memory']
    command += ['--memory-images', str(args.memory_images)]
    output = subprocess.check_output(command, text=True)
    memory = float(output.split()[-1])
    print(f'{args.memory_images} images: {memory:.0f} MiB beyond the start')
    if args.out:
        result = dict(
            times=results,
            memory_mib=memory,
            memory_images=args.memory_images,
            machine=platform.processor() or platform.machine(),
        )
        args.out.write_text(json.dumps(result, indent=2) + '\n')


if __name__ == '__main__':
    main()

"""What COCO evaluation takes: pycocotools beside faster-coco-eval.

    python benchmarks/coco_eval.py

Both read the same synthetic annotations and predictions, of boxes and masks,
in one process, and have to give the same 12 numbers. Runs alternate, and each
pair gives one ratio. Seconds are those of the CPU, which a busy machine
stretches less than the clock's.
"""

import argparse
import contextlib
import io
import json
import platform
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import faster_coco_eval
import numpy as np
import pycocotools.coco
import pycocotools.cocoeval
from pycocotools import mask as mask_utils

SIDE = 320
BACKENDS = {
    'pycocotools': (pycocotools.coco.COCO, pycocotools.cocoeval.COCOeval),
    'faster-coco-eval': (
        faster_coco_eval.COCO,
        faster_coco_eval.COCOeval_faster,
    ),
}


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--images', type=int, default=500)
    parser.add_argument('--classes', type=int, default=80)
    parser.add_argument('--pairs', type=int, default=3)
    parser.add_argument('--out', type=Path, help='JSON file to write')
    return parser.parse_args()


def shape(center, size) -> tuple[list[float], dict]:
    """Box x, y, w, h and RLE of a hexagon around `center`, size w, h."""
    angles = np.arange(6) * np.pi / 3
    points = center + np.stack([np.cos(angles), np.sin(angles)], 1) * size / 2
    points = points.clip(0, SIDE)
    low, high = points.min(0), points.max(0)
    (code,) = mask_utils.frPyObjects([points.ravel().tolist()], SIDE, SIDE)
    code['counts'] = code['counts'].decode()
    return [*low.tolist(), *(high - low).tolist()], code


def synthesize(num_images: int, num_classes: int) -> tuple[dict, dict]:
    """Annotations, and predictions for 'bbox' and 'segm'.

    About 7 objects an image as in COCO, and 100 predictions, the limit of a
    detector: shifted copies of objects, some of them of another class.
    """
    rng = np.random.default_rng(0)
    annotations, boxes, masks = [], [], []
    for image in range(1, num_images + 1):
        objects = []
        for _ in range(rng.poisson(7) + 1):
            center = rng.uniform(20, SIDE - 20, 2)
            size = np.exp(rng.uniform(np.log(12), np.log(200), 2))
            label = int(rng.integers(num_classes)) + 1
            objects.append((center, size, label))
            box, code = shape(center, size)
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=image,
                    category_id=label,
                    bbox=box,
                    area=float(mask_utils.area(code)),
                    iscrowd=0,
                    segmentation=code,
                )
            )
        for _ in range(100):
            center, size, label = objects[rng.integers(len(objects))]
            if rng.random() < 0.3:
                label = int(rng.integers(num_classes)) + 1
            shift, zoom = rng.normal(0, 0.15, (2, 2))
            box, code = shape(center + shift * size, size * np.exp(zoom))
            found = dict(
                image_id=image, category_id=label, score=float(rng.random())
            )
            boxes.append(dict(found, bbox=box))
            masks.append(dict(found, segmentation=code))
    images = [
        dict(id=i, width=SIDE, height=SIDE, file_name='-')
        for i in range(1, num_images + 1)
    ]
    categories = [
        dict(id=i, name=f'class {i}') for i in range(1, num_classes + 1)
    ]
    truth = dict(images=images, annotations=annotations, categories=categories)
    return truth, dict(bbox=boxes, segm=masks)


def evaluate(backend: str, path: str, predictions: dict) -> tuple:
    """CPU seconds and the 12 numbers per kind, annotations already read."""
    coco_class, evaluation_class = BACKENDS[backend]
    seconds, numbers = {}, {}
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco_class(path)
        for kind, found in predictions.items():
            # loadRes writes into what it is given.
            found = [dict(one) for one in found]
            start = time.process_time()
            results = truth.loadRes(found)
            evaluation = evaluation_class(truth, results, kind)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
            seconds[kind] = time.process_time() - start
            numbers[kind] = np.array(evaluation.stats[:12], dtype=float)
    return seconds, numbers


def main() -> None:
    args = parse_args()
    truth, predictions = synthesize(args.images, args.classes)
    seconds = {name: {'bbox': [], 'segm': []} for name in BACKENDS}
    difference = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, 'instances.json'))
        Path(path).write_text(json.dumps(truth))
        for i in range(args.pairs):
            numbers = {}
            # Each goes first in turn.
            for name in list(BACKENDS)[:: 1 if i % 2 else -1]:
                elapsed, numbers[name] = evaluate(name, path, predictions)
                for kind, value in elapsed.items():
                    seconds[name][kind].append(value)
            slow, fast = (numbers[name] for name in BACKENDS)
            for kind in predictions:
                worst = np.abs(slow[kind] - fast[kind]).max()
                difference = max(difference, float(worst))
    if difference > 1e-9:
        raise SystemExit(f'error: the numbers differ by {difference}')

    # Boxes and masks together, as one evaluation of Mask R-CNN needs.
    for times in seconds.values():
        times['both'] = [
            sum(pair) for pair in zip(*times.values(), strict=True)
        ]
    slow, fast = seconds.values()
    ratios = {}
    for kind in slow:
        values = [a / b for a, b in zip(slow[kind], fast[kind], strict=True)]
        ratios[kind] = dict(
            min=min(values), median=statistics.median(values), max=max(values)
        )
        print(
            f'{kind}: {statistics.median(slow[kind]):6.2f} s against '
            f'{statistics.median(fast[kind]):5.2f} s, ratio '
            f'{ratios[kind]["median"]:.1f} ({ratios[kind]["min"]:.1f} to '
            f'{ratios[kind]["max"]:.1f}, {args.pairs} pairs)'
        )
    print(f'largest difference of the 2 x 12 numbers: {difference:.1e}')
    if args.out:
        result = dict(
            seconds=seconds,
            ratios=ratios,
            difference=difference,
            settings=dict(images=args.images, classes=args.classes),
            versions=dict(
                pycocotools=version('pycocotools'),
                faster_coco_eval=version('faster-coco-eval'),
            ),
            machine=platform.processor() or platform.machine(),
        )
        args.out.write_text(json.dumps(result, indent=2) + '\n')


if __name__ == '__main__':
    main()

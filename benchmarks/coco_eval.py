"""What COCO evaluation takes: pycocotools beside faster-coco-eval.

Both read the same synthetic annotations and predictions, of boxes and masks,
and have to give the same 12 numbers. faster-coco-eval is used as mmdet's
`FasterCocoMetric` does, with annotations that pycocotools has read.
"""

import contextlib
import io
import json
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from faster_coco_eval import COCOeval_faster
from pycocotools import mask as mask_utils
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from benchmarks.ratio import Ratio, pairwise
from benchmarks.timing import alternate

FULL = dict(images=200, classes=80, pairs=5)
SMALL = dict(images=4, classes=3, pairs=1)
SIDE = 320
BACKENDS = {'pycocotools': COCOeval, 'faster-coco-eval': COCOeval_faster}


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


def fresh_copies(
    path: Path, predictions: list[dict], count: int
) -> Iterator[dict]:
    """What each backend writes into: annotations and predictions."""
    for _ in range(count):
        yield {
            name: (COCO(path), [dict(one) for one in predictions])
            for name in BACKENDS
        }


def evaluate(backend: str, kind: str, truth: COCO, found: list) -> np.ndarray:
    """The 12 numbers of COCO."""
    results = truth.loadRes(found)
    evaluation = BACKENDS[backend](truth, results, kind)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return np.array(evaluation.stats[:12], dtype=float)


def time_kind(
    kind: str, path: Path, predictions: list[dict], pairs: int
) -> dict[str, list[float]]:
    """CPU seconds of each backend, after a check that numbers are equal."""
    (copies,) = fresh_copies(path, predictions, 1)
    numbers = [evaluate(name, kind, *copies[name]) for name in BACKENDS]
    np.testing.assert_allclose(*numbers, atol=1e-9)
    arms = {
        name: lambda item, name=name: evaluate(name, kind, *item[name])
        for name in BACKENDS
    }
    return alternate(arms, fresh_copies(path, predictions, pairs + 1))


def measure(
    images: int, classes: int, pairs: int
) -> tuple[list[Ratio], list[dict]]:
    """How many times as fast on boxes, on masks, and on both.

    Args:
        images (int): Number of images.
        classes (int): Number of classes.
        pairs (int): Evaluations of each backend, after one that warms up.
    """
    truth, predictions = synthesize(images, classes)
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'instances.json')
        path.write_text(json.dumps(truth))
        for kind, found in predictions.items():
            with contextlib.redirect_stdout(io.StringIO()):
                seconds[kind] = time_kind(kind, path, found, pairs)
    # Boxes and masks, as one evaluation of Mask R-CNN needs.
    seconds['both'] = {
        name: np.add(seconds['bbox'][name], seconds['segm'][name]).tolist()
        for name in BACKENDS
    }
    ratios = [
        Ratio(
            f'time, pycocotools / faster-coco-eval ({kind})',
            pairwise(times['pycocotools'], times['faster-coco-eval']),
            at_least=5 if kind == 'both' else None,
        )
        for kind, times in seconds.items()
    ]
    rows = [
        {'kind': kind}
        | {f's, {name}': statistics.median(v) for name, v in times.items()}
        for kind, times in seconds.items()
    ]
    return ratios, rows

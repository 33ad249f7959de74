"""The scores of VOC's evaluator, against a reference of its own."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import METRICS, DefaultScope

VOC = (
    Path(__file__).parents[2]
    / 'configs/detection/faster-rcnn_r50_c4_24k_voc0712.py'
)
SIDE, CLASSES, IMAGES = 160, 3, 12


class Box(NamedTuple):
    """An object, or what a detector says of one."""

    image: int
    label: int
    box: np.ndarray
    difficult: bool = False
    score: float = 1.0


def random_box(rng, center, radius):
    """x1, y1, x2, y2."""
    half = radius * rng.uniform(0.5, 1.5, 2)
    corners = np.concatenate([center - half, center + half])
    return corners.clip(0, SIDE).round()


def random_boxes():
    """Objects of all sizes, some of them difficult, and what a poor detector
    says of them: shifted, missed, doubled and of the wrong class.
    """
    rng = np.random.default_rng(0)
    objects, found = [], []
    for image in np.arange(IMAGES).repeat(8):
        center, radius = rng.uniform(20, 140, 2), rng.choice([6, 20, 60])
        label, box = rng.integers(CLASSES), random_box(rng, center, radius)
        objects.append(Box(image, label, box, rng.random() < 0.1))
        for _ in range(rng.integers(4)):
            shifted = box + np.tile(rng.normal(0, radius / 6, 2), 2)
            guess = label if rng.random() < 0.8 else rng.integers(CLASSES)
            score = rng.random()
            found.append(Box(image, guess, shifted.round(), score=score))
    return objects, found


def as_instances(boxes):
    return dict(
        bboxes=torch.tensor(np.array([b.box for b in boxes])).view(-1, 4),
        labels=torch.tensor([int(b.label) for b in boxes], dtype=torch.int64),
        scores=torch.tensor([b.score for b in boxes], dtype=torch.float64),
    )


def voc_ap(truth, found, threshold):
    """AP of one class with 11 points, as the VOC2007 devkit defines it.

    Args:
        truth (dict): Boxes and whether each is difficult, by image.
        found (list): Score, image and box of each prediction.
        threshold (float): Of IoU; pixels at both ends belong to a box.
    """
    taken, hits = set(), []
    for _, image, box in sorted(found, key=lambda f: -f[0]):
        best, index = 0, None
        for i, (other, _) in enumerate(truth[image]):
            low = np.maximum(box[:2], other[:2])
            high = np.minimum(box[2:], other[2:])
            inner = np.prod(np.maximum(high - low + 1, 0))
            outer = sum(np.prod(b[2:] - b[:2] + 1) for b in (box, other))
            if inner / (outer - inner) > best:
                best, index = inner / (outer - inner), i
        if best < threshold:
            hits.append(0)
        elif not truth[image][index][1]:
            hits.append(int((image, index) not in taken))
            taken.add((image, index))
    objects = sum(not hard for boxes in truth.values() for _, hard in boxes)
    right = np.cumsum(hits)
    precision, recall = right / np.arange(1, len(hits) + 1), right / objects
    points = [precision[recall >= t] for t in np.arange(0, 1.05, 0.1)]
    return np.mean([p.max() if len(p) else 0 for p in points])


def test_voc_numbers_are_those_of_the_devkit():
    objects, found = random_boxes()
    with DefaultScope.overwrite_default_scope('mmdet'):
        metric = METRICS.build(Config.fromfile(VOC).test_evaluator)
    classes = tuple(f'class {i}' for i in range(CLASSES))
    metric.dataset_meta = dict(classes=classes, dataset_type=None)
    for image in range(IMAGES):
        mine = [o for o in objects if o.image == image]
        sample = dict(
            gt_instances=as_instances([o for o in mine if not o.difficult]),
            ignored_instances=as_instances([o for o in mine if o.difficult]),
            pred_instances=as_instances(
                [f for f in found if f.image == image]
            ),
        )
        metric.process({}, [sample])
    ours = metric.evaluate(IMAGES)

    expected = {}
    for threshold in range(50, 100, 5):
        aps = []
        for label in range(CLASSES):
            truth = {image: [] for image in range(IMAGES)}
            for o in objects:
                if o.label == label:
                    truth[o.image].append((o.box, o.difficult))
            said = [
                (f.score, f.image, f.box) for f in found if f.label == label
            ]
            aps.append(voc_ap(truth, said, threshold / 100))
        expected[f'AP{threshold}'] = np.mean(aps)
    assert 0 < expected['AP75'] < expected['AP50'] < 1
    for name, value in expected.items():
        assert ours[f'pascal_voc/{name}'] == pytest.approx(value, abs=5.1e-4)
    mean = np.mean(list(expected.values()))
    assert ours['pascal_voc/mAP'] == pytest.approx(mean, abs=1e-6)

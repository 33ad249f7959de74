"""The scores of the evaluators, against references of their own."""

import contextlib
import io
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from annotation_files import coco_object, write_coco
from mmdet.evaluation.metrics import faster_coco_metric
from mmengine.config import Config
from mmengine.registry import METRICS, DefaultScope
from pycocotools import mask as mask_utils
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

VOC = (
    Path(__file__).parents[2]
    / 'configs/detection/faster-rcnn_r50_c4_24k_voc0712.py'
)
# All 12, in the order of COCO.
NUMBERS = ['mAP', 'mAP_50', 'mAP_75', 'mAP_s', 'mAP_m', 'mAP_l']
NUMBERS += ['AR@100', 'AR@300', 'AR@1000']
NUMBERS += ['AR_s@1000', 'AR_m@1000', 'AR_l@1000']
SIDE, CLASSES, IMAGES = 160, 3, 12
NAMES = tuple(f'class {i}' for i in range(CLASSES))


def blob(rng, center, radius):
    """An ellipse as a mask, so that mask and box differ."""
    y, x = np.mgrid[:SIDE, :SIDE]
    a, b = radius * rng.uniform(0.5, 1.5, 2)
    return ((x - center[0]) / a) ** 2 + ((y - center[1]) / b) ** 2 <= 1


def box_of(mask):
    """x1, y1, x2, y2, the latter exclusive."""
    y, x = np.nonzero(mask)
    return [int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1]


def coco_box(mask):
    x1, y1, x2, y2 = box_of(mask)
    return [x1, y1, x2 - x1, y2 - y1]


def rle(mask):
    code = mask_utils.encode(np.asfortranarray(mask.astype(np.uint8)))
    return dict(code, counts=code['counts'].decode())


class Found(NamedTuple):
    """An object as a detector says it."""

    mask: np.ndarray
    label: int
    score: float


@pytest.fixture(scope='module')
def random_predictions(tmp_path_factory):
    """Annotations of all sizes, some of them crowds, and what a poor detector
    would say of each image: shifted, missed, doubled and of the wrong class.
    """
    rng = np.random.default_rng(0)
    objects, predictions = [], {}
    for image in range(1, IMAGES + 1):
        predictions[image] = []
        for _ in range(8):
            center, radius = rng.uniform(20, 140, 2), rng.choice([6, 20, 60])
            label = int(rng.integers(CLASSES))
            mask = blob(rng, center, radius)
            objects.append(
                coco_object(
                    image,
                    label + 1,
                    coco_box(mask),
                    area=int(mask.sum()),
                    iscrowd=int(rng.random() < 0.1),
                    segmentation=rle(mask),
                )
            )
            for _ in range(rng.integers(4)):
                shift = rng.normal(0, radius / 6, 2)
                mask = blob(rng, center + shift, radius)
                wrong = rng.random() < 0.2
                guess = int(rng.integers(CLASSES)) if wrong else label
                predictions[image].append(Found(mask, guess, rng.random()))
    path = tmp_path_factory.mktemp('coco') / 'instances.json'
    images = {image: ('-', SIDE, SIDE) for image in predictions}
    write_coco(path, images, dict(enumerate(NAMES, 1)), objects)
    return path, predictions


def build_metric(**cfg):
    with DefaultScope.overwrite_default_scope('mmdet'):
        metric = METRICS.build(cfg)
    metric.dataset_meta = dict(classes=NAMES, dataset_type=None)
    return metric


def as_instances(found):
    """What a detector of mmdet gives of an image."""
    return dict(
        bboxes=torch.tensor([box_of(f.mask) for f in found]).double(),
        labels=torch.tensor([f.label for f in found]),
        scores=torch.tensor([f.score for f in found]).double(),
        masks=torch.from_numpy(np.stack([f.mask for f in found])),
    )


def coco_numbers(path, predictions, iou_type):
    """The 12 numbers of pycocotools."""
    results = []
    for image, found in predictions.items():
        for mask, label, score in found:
            shape = dict(segmentation=rle(mask))
            if iou_type == 'bbox':
                shape = dict(bbox=coco_box(mask))
            one = dict(image_id=image, category_id=label + 1, score=score)
            results.append(one | shape)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(path))
        evaluation = COCOeval(truth, truth.loadRes(results), iou_type)
        evaluation.params.maxDets = [100, 300, 1000]  # those of mmdet
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


def test_coco_numbers_are_those_of_pycocotools(
    random_predictions, monkeypatch
):
    path, predictions = random_predictions
    evaluations = []

    class Recorded(faster_coco_metric.COCOeval_faster):
        def summarize(self):
            super().summarize()
            evaluations.append(self)

    # The metric itself rounds to three digits.
    monkeypatch.setattr(faster_coco_metric, 'COCOeval_faster', Recorded)
    metric = build_metric(
        type='FasterCocoMetric',
        ann_file=str(path),
        metric=['bbox', 'segm'],
        metric_items=NUMBERS,
    )
    for image, found in predictions.items():
        sample = dict(img_id=image, ori_shape=(SIDE, SIDE))
        metric.process({}, [sample | dict(pred_instances=as_instances(found))])
    scores = metric.evaluate(IMAGES)
    for iou_type, evaluation in zip(
        ('bbox', 'segm'), evaluations, strict=True
    ):
        expected = coco_numbers(path, predictions, iou_type)
        assert expected.min() > 0 and expected.max() < 1
        np.testing.assert_allclose(
            evaluation.stats[:12], expected, rtol=0, atol=1e-9
        )
        for name, value in zip(NUMBERS, expected, strict=True):
            ours = scores[f'coco/{iou_type}_{name}']
            assert ours == pytest.approx(value, abs=5.1e-4), name


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


def test_voc_numbers_are_those_of_the_devkit(random_predictions):
    path, predictions = random_predictions
    metric = build_metric(**Config.fromfile(VOC).test_evaluator)
    annotations = json.loads(path.read_text())['annotations']
    for a in annotations:
        x, y, w, h = a['bbox']
        a['box'] = np.array([x, y, x + w, y + h])

    def instances(image, ignored):
        chosen = [
            a
            for a in annotations
            if a['image_id'] == image and a['iscrowd'] == ignored
        ]
        labels = [a['category_id'] - 1 for a in chosen]
        return dict(
            bboxes=torch.tensor([list(a['box']) for a in chosen]).view(-1, 4),
            labels=torch.tensor(labels, dtype=torch.int64),
        )

    for image, found in predictions.items():
        sample = dict(
            gt_instances=instances(image, ignored=0),
            ignored_instances=instances(image, ignored=1),
            pred_instances=as_instances(found),
        )
        metric.process({}, [sample])
    ours = metric.evaluate(IMAGES)

    expected = {}
    for threshold in range(50, 100, 5):
        aps = []
        for label in range(CLASSES):
            truth = {image: [] for image in predictions}
            for a in annotations:
                if a['category_id'] == label + 1:
                    truth[a['image_id']].append((a['box'], a['iscrowd']))
            found = [
                (score, image, np.array(box_of(mask)))
                for image, of_image in predictions.items()
                for mask, guess, score in of_image
                if guess == label
            ]
            aps.append(voc_ap(truth, found, threshold / 100))
        expected[f'AP{threshold}'] = np.mean(aps)
    assert 0 < expected['AP75'] < expected['AP50'] < 1
    for name, value in expected.items():
        assert ours[f'pascal_voc/{name}'] == pytest.approx(value, abs=5.1e-4)
    mean = np.mean(list(expected.values()))
    assert ours['pascal_voc/mAP'] == pytest.approx(mean, abs=1e-6)

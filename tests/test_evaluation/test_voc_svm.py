import json
from functools import partial

import cv2
import numpy as np
import pytest
from joblib import parallel_config

from mmsca.apis import voc_svm as tool
from mmsca.apis.voc_svm import read_voc, voc_svm
from mmsca.evaluation.voc_svm import (
    average_precision,
    chosen_cost,
    draw_shots,
    full_svm,
    low_shot_svm,
    precision_on_test,
    svm,
)
from mmsca.utils.errors import InputError

LINEAR = 'configs/classification/r18_linear_materials.py'
CLASSES = {'bird': (255, 0, 0), 'cow': (0, 255, 0), 'sofa': (0, 0, 255)}


def literal_eleven_points(labels, scores):
    """VOCap of the development kit of VOC2007, line by line."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    tp = fp = 0
    recall, precision = [], []
    positives = sum(label == 1 for label in labels)
    for i in order:
        if labels[i] == 0:
            continue
        tp, fp = tp + (labels[i] == 1), fp + (labels[i] == -1)
        recall.append(tp / positives)
        precision.append(tp / (tp + fp))
    ap = 0
    for t in range(11):
        reached = [
            p
            for r, p in zip(recall, precision, strict=True)
            if 10 * r >= t - 1e-9
        ]
        ap += max(reached, default=0) / 11
    return ap


def literal_area(labels, scores):
    """calculate_ap of mmselfsup's svm_helper.py, line by line."""
    keep = labels != 0
    labels, scores = labels[keep], scores[keep]
    order = np.argsort(-scores, kind='stable')
    tp = (labels[order] == 1).astype(float)
    precision = np.cumsum(tp) / np.arange(1, len(tp) + 1)
    recall = np.cumsum(tp) / tp.sum()
    mrec = np.concatenate([[0], recall, [1]])
    mpre = np.concatenate([[0], precision, [0]])
    for i in range(len(mpre) - 2, -1, -1):
        mpre[i] = max(mpre[i], mpre[i + 1])
    return sum(
        (mrec[i] - mrec[i - 1]) * mpre[i]
        for i in range(1, len(mrec))
        if mrec[i] != mrec[i - 1]
    )


@pytest.mark.parametrize('seed', range(20))
def test_average_precision_is_that_of_voc(seed):
    generator = np.random.default_rng(seed)
    size = int(generator.integers(3, 60))
    labels = generator.choice([1, -1, -1, 0], size)
    labels[0] = 1
    scores = generator.normal(size=size) + (seed % 3) * labels
    found = average_precision(labels, scores)
    assert found['11point'] == pytest.approx(
        literal_eleven_points(labels, scores)
    )
    assert found['area'] == pytest.approx(literal_area(labels, scores))


def test_average_precision_by_hand():
    labels = np.array([1, -1, 0, 1])
    found = average_precision(labels, np.array([4.0, 3, 2, 1]))
    # Precision 1 up to recall 1/2, then 2/3; the difficult one is passed.
    assert found['area'] == pytest.approx((1 + 2 / 3) / 2)
    assert found['11point'] == pytest.approx((6 * 1 + 5 * 2 / 3) / 11)


def blobs(n, seed):
    """Three classes, of which an image may show several."""
    generator = np.random.default_rng(seed)
    labels = np.where(generator.random((n, 3)) < 0.3, 1, -1)
    labels[generator.random((n, 3)) < 0.05] = 0
    features = np.concatenate([labels == 1, np.ones((n, 1))], axis=1)
    features = features + generator.normal(scale=0.5, size=features.shape)
    return features / np.linalg.norm(features, axis=1, keepdims=True), labels


def test_draws_k_positives_of_each_class_by_seed():
    _, labels = blobs(200, 0)
    rows = draw_shots(labels, 4, seed=1)
    assert len(rows) == 3
    for cls, drawn in enumerate(rows):
        assert len(set(drawn)) == len(drawn) == 4 + 8
        assert (labels[drawn[:4], cls] == 1).all()
        assert (labels[drawn[4:], cls] == -1).all()
    again, other = draw_shots(labels, 4, seed=1), draw_shots(labels, 4, 2)
    assert np.array_equal(rows, again) and not np.array_equal(rows, other)
    with pytest.raises(InputError, match='Leave 90 out of --shots'):
        draw_shots(labels, 90, seed=0)


def test_full_svm_takes_the_best_cost_of_validation():
    features, labels = blobs(90, 0)
    test_features, test_labels = blobs(60, 1)
    costs = [1e-4, 1.0, 100.0]
    results = full_svm(features, labels, test_features, test_labels, costs)
    for cls, result in enumerate(results):
        assert result['cost'] == chosen_cost(features, labels[:, cls], costs)
        model = svm(result['cost']).fit(features, labels[:, cls] == 1)
        scores = model.decision_function(test_features)
        expected = average_precision(test_labels[:, cls], scores)
        assert result['area'] == expected['area'] > 0.5
        assert result['11point'] == expected['11point']


def test_low_shot_svm_is_the_mean_over_draws_at_the_best_cost():
    features, labels = blobs(90, 0)
    test_features, test_labels = blobs(60, 1)
    costs = [0.01, 10.0]
    data = (features, labels, test_features, test_labels)
    found = low_shot_svm(*data, k=2, draws=3, costs=costs)
    means = {
        cost: [
            np.mean(
                [
                    precision_on_test(
                        cost,
                        features[rows],
                        labels[rows, cls],
                        test_features,
                        test_labels[:, cls],
                    )['area']
                    for cls, rows in enumerate(draw_shots(labels, 2, seed))
                ]
            )
            for seed in range(3)
        ]
        for cost in costs
    }
    best = max(costs, key=lambda cost: np.mean(means[cost]))
    assert found['cost'] == best
    assert found['area'] == pytest.approx(np.mean(means[best]))
    assert found['std'] == pytest.approx(np.std(means[best]))


@pytest.fixture
def voc(tmp_path):
    """Pictures of coloured stripes, one colour for each class."""
    root = tmp_path / 'VOCdevkit' / 'VOC2007'
    lists = root / 'ImageSets' / 'Main'
    lists.mkdir(parents=True)
    (root / 'JPEGImages').mkdir()
    generator = np.random.default_rng(0)
    first = 1
    for split, count in (('trainval', 24), ('test', 12)):
        labels = np.where(generator.random((count, 3)) < 0.4, 1, -1)
        labels[:9] = np.tile(np.where(np.eye(3), 1, -1), (3, 1))
        labels[-1, 2] = 0
        names = [f'{first + i:06d}' for i in range(count)]
        for name, row in zip(names, labels, strict=True):
            image = generator.integers(0, 60, (48, 48, 3), dtype=np.uint8)
            for i, color in enumerate(CLASSES.values()):
                if row[i] == 1:
                    image[:, 16 * i : 16 * i + 16] = color
            cv2.imwrite(str(root / 'JPEGImages' / f'{name}.jpg'), image)
        for i, name in enumerate(CLASSES):
            lines = [
                f'{n} {v:2d}\n'
                for n, v in zip(names, labels[:, i], strict=True)
            ]
            (lists / f'{name}_{split}.txt').write_text(''.join(lines))
        (lists / f'{split}.txt').write_text('\n'.join(names))
        first += count
    return root


OPTIONS = [
    *('--shots', '1', '2', '--draws', '2'),
    *('--cfg-options', 'test_dataloader.num_workers=0'),
    'test_dataloader.batch_size=5',
]


def test_tool_from_pictures_to_report(voc, tmp_path, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    for train in (full_svm, low_shot_svm):  # with two costs for nineteen
        quick = partial(train, costs=[1.0, 10.0])
        monkeypatch.setattr(tool, train.__name__, quick)
    out = tmp_path / 'out' / 'voc.json'
    args = [LINEAR, 'none', str(voc)]
    report = voc_svm([*args, '--out', str(out), *OPTIONS])
    assert json.loads(out.read_text()) == report
    assert (report['num_trainval'], report['num_test']) == (24, 12)
    full = report['full']
    assert list(full['AP']) == list(CLASSES)
    assert full['mAP'] == pytest.approx(np.mean(list(full['AP'].values())))
    assert full['mAP'] > 60  # colours show in random features too
    assert list(report['low_shot']) == ['1', '2']
    # Two jobs find the same; threads, since processes import for seconds.
    args += ['--work-dir', str(out.parent)]
    with parallel_config(backend='threading'):
        assert voc_svm([*args, '--jobs', '2', *OPTIONS]) == report
    assert out.read_text() == (out.parent / 'voc_svm.json').read_text()


def test_labels_of_voc(voc):
    paths, labels, classes = read_voc(voc, 'test')
    assert classes == list(CLASSES)
    assert labels.shape == (12, 3) and labels[-1, 2] == 0
    assert paths[0].name == '000025.jpg' and paths[0].is_file()


def test_files_that_are_not_those_of_voc(voc, tmp_path, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    with pytest.raises(InputError, match='holds no <class>_trainval.txt'):
        voc_svm([LINEAR, 'none', str(tmp_path)])
    with pytest.raises(InputError, match='Leave 96 out of --shots'):
        voc_svm([LINEAR, 'none', str(voc), '--shots', '96'])
    (voc / 'JPEGImages' / '000007.jpg').write_bytes(b'no picture')
    with pytest.raises(InputError, match='000007.jpg'):
        voc_svm([LINEAR, 'none', str(voc), *OPTIONS])
    (voc / 'JPEGImages' / '000007.jpg').unlink()
    with pytest.raises(InputError, match=r'000007\.jpg.*1 of 36 images'):
        voc_svm([LINEAR, 'none', str(voc), *OPTIONS])
    lists = voc / 'ImageSets' / 'Main'
    bird = lists / 'bird_test.txt'
    text = bird.read_text()
    bird.write_text(text.replace(' 1\n', '-1\n'))
    with pytest.raises(InputError, match='bird_test.*lists 0 images'):
        read_voc(voc, 'test')
    bird.write_text(text)
    (lists / 'cow_test.txt').write_text('000025 1\n')
    with pytest.raises(InputError, match='other images than'):
        read_voc(voc, 'test')
    (lists / 'bird_test.txt').write_text('000025 yes\n')
    with pytest.raises(InputError, match='no list of VOC'):
        read_voc(voc, 'test')
    for name in ('cow', 'bird'):
        (lists / f'{name}_test.txt').unlink()
    with pytest.raises(InputError, match='other classes in test'):
        voc_svm([LINEAR, 'none', str(voc)])

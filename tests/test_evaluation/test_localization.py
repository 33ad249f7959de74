"""CAMLocalization against the definitions in the plain, slow way."""

import cv2
import numpy as np
import pytest
import torch
from ranks import run_ranks

from mmsca.evaluation import CAMLocalization, baselines
from mmsca.models.cam.maps import normalize_maps
from mmsca.utils.errors import InputError

SIZE = 24


def sample(cam, boxes, label=0, scores=(1.0, 0.0, 0.0), ori_size=(SIZE, SIZE)):
    cam = torch.as_tensor(np.asarray(cam, dtype=np.float32))
    width, height = ori_size
    return dict(
        pred_cam=cam,
        cam_label=torch.tensor([label]),
        gt_label=torch.tensor([label]),
        pred_score=torch.tensor(scores),
        ori_gt_bboxes=np.array(boxes),
        ori_size=ori_size,
        ori_shape=(height, width),
        img_shape=tuple(cam.shape),
        scale_factor=(cam.shape[1] / width, cam.shape[0] / height),
    )


def smooth_map(rng) -> np.ndarray:
    raw = cv2.resize(rng.random((5, 5)), (SIZE, SIZE))
    return (raw - raw.min()) / (raw.max() - raw.min())


def shape_map(name) -> np.ndarray:
    cam = np.zeros((SIZE, SIZE))
    if name == 'ring':
        cam[4:16, 4:16] = 1.0
        cam[7:13, 7:13] = 0.3
    elif name == 'line':
        cam[6, 2:20] = 1.0
    elif name == 'diagonal':
        cam[2:8, 2:8] = 0.7
        cam[8:14, 8:14] = 1.0
    elif name == 'border':
        cam[15:, 12:] = 1.0
    return cam


def make_samples(seed, count=7):
    rng = np.random.default_rng(seed)
    samples = []
    for index in range(count):
        corners = np.sort(rng.integers(0, 40, (2, 2, 2)), axis=1)
        boxes = corners.reshape(2, 4)[: 1 + index % 2]
        scores = rng.random(3)
        samples.append(
            sample(
                smooth_map(rng),
                boxes,
                label=index % 3,
                scores=(scores / scores.sum()).tolist(),
                ori_size=(40, 48),
            )
        )
    for name in ('ring', 'line', 'diagonal', 'border', 'constant'):
        samples.append(sample(shape_map(name), [[4, 4, 16, 16]], label=1))
    # What a map of NaN is predicted as.
    broken = torch.full((1, 4, 4), torch.nan)
    broken = normalize_maps(broken, (SIZE, SIZE))[0]
    samples.append(sample(broken, [[4, 4, 16, 16], [0, 0, 2, 2]]))
    samples.append(sample(shape_map('constant'), [[0, 0, 1, 1]]))
    samples.append(sample(shape_map('border'), [[12, 15, 24, 24]]))
    return samples


def filled(box) -> np.ndarray:
    """Pixels of a box, both edges in, on a canvas one larger than a map."""
    mask = np.zeros((SIZE + 1, SIZE + 1), dtype=bool)
    x0, y0, x1, y1 = box
    mask[y0 : y1 + 1, x0 : x1 + 1] = True
    return mask


def scaled_boxes(sample):
    width, height = sample['ori_size']
    return [
        [
            int(x0 * SIZE / width),
            int(y0 * SIZE / height),
            int(x1 * SIZE / width),
            int(y1 * SIZE / height),
        ]
        for x0, y0, x1, y1 in sample['ori_gt_bboxes'].tolist()
    ]


def at_thresholds(one, judge, step) -> np.ndarray:
    """What `judge` says at each threshold of the boxes of the contours.

    They are x, y, w, h, that of the largest contour first.
    """
    gray = (one['pred_cam'].numpy() * 255).astype(np.uint8)
    levels = [int(t * gray.max()) for t in np.arange(0, 1, step)]
    verdicts = {}
    for level in set(levels):
        contours, _ = cv2.findContours(
            (gray > level).astype(np.uint8),
            cv2.RETR_TREE,
            cv2.CHAIN_APPROX_SIMPLE,
        )
        ordered = sorted(contours, key=cv2.contourArea, reverse=True)
        boxes = [cv2.boundingRect(contour) for contour in ordered]
        verdicts[level] = judge(boxes, one)
    return np.array([verdicts[level] for level in levels])


def slow_hits(samples, step=0.001) -> np.ndarray:
    """Whether (V1, V2 at .3, .5, .7) of each image hit at each threshold."""

    def judge(found, one):
        gt = [filled(box) for box in scaled_boxes(one)]
        boxes = [
            [x, y, min(x + w, SIZE - 1), min(y + h, SIZE - 1)]
            for x, y, w, h in found or [(0, 0, 0, 0)]
        ]
        ious = [best_iou(box, gt) for box in boxes]
        best = max(ious)
        return [ious[0] >= 0.5, best >= 0.3, best >= 0.5, best >= 0.7]

    hits = [at_thresholds(one, judge, step) for one in samples]
    return np.swapaxes(hits, 1, 2)


def best_iou(box, gt) -> float:
    mask = filled(box)
    return max((mask & g).sum() / (mask | g).sum() for g in gt)


def slow_corloc(samples, step=0.001) -> np.ndarray:
    """Whether the one box of each image hits at each threshold."""

    def judge(found, one):
        if not found:
            return False
        x, y, w, h = found[0]
        width, height = one['ori_size']
        best = 0.0
        for x0, y0, x1, y1 in one['ori_gt_bboxes'].tolist():
            x0, x1 = x0 * SIZE / width, x1 * SIZE / width
            y0, y1 = y0 * SIZE / height, y1 * SIZE / height
            dx = max(0, min(x + w, x1) - max(x, x0))
            dy = max(0, min(y + h, y1) - max(y, y0))
            union = w * h + (x1 - x0) * (y1 - y0) - dx * dy
            best = max(best, dx * dy / union)
        return best >= 0.5

    return np.array([at_thresholds(one, judge, step) for one in samples])


def slow_pointing(samples, tolerance) -> float:
    per_class = {}
    for one in samples:
        cam = one['pred_cam'].numpy()
        hit = False
        if cam.max() > 0:
            y, x = divmod(int(cam.argmax()), SIZE)
            for box in scaled_boxes(one):
                for py, px in np.argwhere(filled(box)):
                    distance = np.hypot(py - y, px - x)
                    hit |= distance == 0 or distance < tolerance
        per_class.setdefault(int(one['gt_label']), []).append(hit)
    return 100 * np.mean([np.mean(hits) for hits in per_class.values()])


def slow_energy(samples) -> float:
    shares = []
    for one in samples:
        cam = one['pred_cam'].numpy().astype(float)
        union = sum(filled(box) for box in scaled_boxes(one)) > 0
        inside = cam[union[:SIZE, :SIZE]].sum()
        shares.append(inside / cam.sum() if cam.sum() else 0)
    return 100 * np.mean(shares)


def evaluate(metric, samples) -> dict:
    metric.process(None, samples)
    return metric.evaluate(len(samples))


@pytest.mark.parametrize('tolerance, step', [(0, 0.001), (4, 0.01)])
def test_oracle_results_equal_the_definitions(tolerance, step):
    samples = make_samples(seed=0)
    metric = CAMLocalization('oracle', tolerance, step)
    results = evaluate(metric, samples)

    accuracy = 100 * slow_hits(samples, step).mean(axis=0)
    assert results['cam/threshold_step'] == step
    lowest = accuracy[0].argmax() * step
    assert results['cam/threshold'] == pytest.approx(lowest)
    best = accuracy.max(axis=1)
    assert best[1] > best[2] > best[3] > 0  # the samples tell them apart
    assert results['cam/threshold_from'] == 'oracle'
    corloc = slow_corloc(samples, step).mean(axis=0)
    assert results['cam/CorLoc'] == pytest.approx(100 * corloc.max())
    assert results['cam/skipped'] == 0
    assert results['cam/MaxBoxAcc'] == pytest.approx(best[0])
    assert results['cam/MaxBoxAccV2'] == pytest.approx(best[1:].mean())
    assert results['cam/oracle_MaxBoxAcc'] == results['cam/MaxBoxAcc']
    assert results['cam/oracle_MaxBoxAccV2'] == results['cam/MaxBoxAccV2']
    for iou, value in zip((30, 50, 70), best[1:], strict=True):
        assert results[f'cam/IoU{iou}'] == pytest.approx(value)
    assert results['cam/pointing'] == pytest.approx(
        slow_pointing(samples, tolerance)
    )
    assert results['cam/energy'] == pytest.approx(slow_energy(samples))


def test_thresholds_of_val_are_applied_to_test():
    val, test = make_samples(seed=1), make_samples(seed=2)
    metric = CAMLocalization('val')
    metric.process(None, val)
    metric.calibrate(len(val))
    results = evaluate(metric, test)

    chosen = slow_hits(val).mean(axis=0).argmax(axis=1)
    hits = slow_hits(test)
    accuracy = 100 * hits.mean(axis=0)
    reached = accuracy[np.arange(4), chosen]
    assert results['cam/threshold_from'] == 'val'
    assert results['cam/threshold'] == pytest.approx(chosen[0] / 1000)
    assert results['cam/threshold_IoU70'] == pytest.approx(chosen[3] / 1000)
    assert results['cam/MaxBoxAcc'] == pytest.approx(reached[0])
    assert results['cam/GT-known_Loc'] == pytest.approx(reached[0])
    best = slow_corloc(val).mean(axis=0).argmax()
    assert results['cam/threshold_CorLoc'] == pytest.approx(best / 1000)
    assert results['cam/CorLoc'] == pytest.approx(
        100 * slow_corloc(test)[:, best].mean()
    )
    assert results['cam/MaxBoxAccV2'] == pytest.approx(reached[1:].mean())
    assert results['cam/oracle_MaxBoxAccV2'] == pytest.approx(
        accuracy.max(axis=1)[1:].mean()
    )
    right = [
        int(one['pred_score'].argmax()) == int(one['gt_label']) for one in test
    ]
    assert results['cam/Top-1_Loc'] == pytest.approx(
        100 * (hits[:, 0, chosen[0]] & right).mean()
    )
    assert results['cam/Top-5_Loc'] == results['cam/GT-known_Loc']


def field(kind, rng) -> np.ndarray:
    """A random map of SIZE x SIZE in [0, 1]."""
    raw = smooth_map(rng)
    if kind == 'noise':
        raw = rng.random((SIZE, SIZE))
    elif kind == 'plateaus':
        raw = np.round(5 * raw) / 5
    elif kind == 'holes':
        raw = np.abs(raw - 0.5)
    elif kind == 'border':
        raw = np.roll(raw.clip(0.5), SIZE // 2, axis=(0, 1))
    elif kind == 'relu':
        grid = rng.standard_normal((5, 5)).clip(0)
        raw = cv2.resize(grid, (SIZE, SIZE))
    return (raw - raw.min()) / (raw.max() - raw.min())


@pytest.mark.parametrize(
    'kind', ['smooth', 'noise', 'plateaus', 'holes', 'border', 'relu']
)
def test_hits_on_random_fields_equal_the_definitions(kind):
    step = 0.01 if kind == 'noise' else 0.001  # which has many contours
    rng = np.random.default_rng(13)
    samples = []
    for _ in range(6):
        corners = np.sort(rng.integers(0, 48, (2, 2, 2)), axis=1)
        corners[:, 1] += 1
        boxes = corners.reshape(2, 4)[: rng.integers(1, 3)]
        samples.append(sample(field(kind, rng), boxes, ori_size=(48, 56)))
    metric = CAMLocalization('oracle', threshold_step=step)
    metric.process(None, samples)
    expected = slow_hits(samples, step)
    assert 0 < expected[:, 1:].mean() < 1
    corloc = slow_corloc(samples, step)
    for i, result in enumerate(metric.results):
        hits = np.unpackbits(result['hits'], axis=1, count=corloc.shape[1])
        assert (hits[:4] == expected[i]).all()
        assert (hits[4] == corloc[i]).all()


@pytest.mark.parametrize(
    'option',
    [
        *(dict(threshold=value) for value in ('test', 1.0, -0.1, None)),
        *(dict(threshold_step=value) for value in (0, 1, -0.01)),
        *(dict(area=value) for value in ((0.5, 0.06), (0, 50), (0.1,))),
    ],
    ids=str,
)
def test_options_that_make_no_sense(option):
    (name,) = option
    with pytest.raises(InputError, match=f'`{name}` of CAMLocalization'):
        CAMLocalization(**option)


def nested(core, halo) -> np.ndarray:
    cam = np.zeros((SIZE, SIZE))
    cam[2:20, 2:20] = halo
    cam[6:12, 6:12] = core
    return cam


def test_a_threshold_of_val_may_fail_on_test_where_the_oracle_does_not():
    # The object is the core on val and core with halo on test.
    val = [sample(nested(1.0, 0.5), [[6, 6, 12, 12]])]
    test = [sample(nested(1.0, 0.5), [[2, 2, 20, 20]])]
    metric = CAMLocalization('val')
    metric.process(None, val)
    metric.calibrate(1)
    assert 0.49 < metric.box_threshold < 0.51  # the lowest that hits

    results = evaluate(metric, test)
    assert results['cam/MaxBoxAcc'] == 0
    assert results['cam/oracle_MaxBoxAcc'] == 100


def test_one_threshold_for_the_whole_set_not_one_per_image():
    samples = [
        sample(nested(1.0, 0.5), [[6, 6, 12, 12]]),
        sample(nested(1.0, 0.5), [[2, 2, 20, 20]]),
    ]
    results = evaluate(CAMLocalization('oracle'), samples)
    assert results['cam/MaxBoxAcc'] == 50


def test_a_given_threshold():
    samples = make_samples(seed=3)
    results = evaluate(CAMLocalization(0.2), samples)
    accuracy = 100 * slow_hits(samples).mean(axis=0)[:, 200]
    assert results['cam/threshold_from'] == 'given'
    assert results['cam/threshold'] == pytest.approx(0.2)
    assert results['cam/MaxBoxAcc'] == pytest.approx(accuracy[0])
    assert results['cam/MaxBoxAccV2'] == pytest.approx(accuracy[1:].mean())


def test_padding_does_not_count_and_little_is_kept_of_an_image():
    samples = make_samples(seed=4)
    expected = evaluate(CAMLocalization('oracle'), samples)
    metric = CAMLocalization('oracle')
    metric.process(None, samples + samples[:3])
    assert all(result['hits'].nbytes <= 640 for result in metric.results)
    assert metric.evaluate(len(samples)) == expected


def test_val_thresholds_must_have_been_chosen():
    with pytest.raises(InputError, match='CalibratedTestLoop'):
        evaluate(CAMLocalization(), make_samples(seed=6))


@pytest.mark.parametrize(
    'change, message',
    [
        # The edge resized, the centre cropped.
        (dict(scale_factor=(0.8, 0.8)), 'nothing says how'),
        (dict(img_shape=(20, 20)), 'nothing says how'),  # padded
        (dict(flip=True), 'nothing says how'),
        # Reaches out of the image; cut from another size.
        (dict(crop_window=(2, 2, SIZE, SIZE)), 'nothing says how'),
        (dict(crop_window=(0, 0, 30, SIZE)), 'nothing says how'),
        (dict(pred_cam=torch.rand(SIZE - 1, SIZE)), 'does not fit'),
        (dict(cam_label=torch.tensor([1])), 'cam_target'),
        (dict(ori_gt_bboxes=None), 'needs boxes'),
    ],
)
def test_samples_that_cannot_be_scored_are_refused(change, message):
    one = make_samples(seed=8)[0] | change
    one = {key: value for key, value in one.items() if value is not None}
    with pytest.raises(InputError, match=message):
        CAMLocalization().process(None, [one])


def test_corloc_counts_no_edge_twice():
    # 6 x 6 within 6 x 12 pixels: one half, but 7 x 7 within 7 x 13 is more.
    cam = np.zeros((SIZE, SIZE))
    cam[3:9, 3:9] = 1.0
    for width, corloc, max_box_acc in ((12, 100, 100), (13, 0, 100)):
        one = sample(cam, [[3, 3, 3 + width, 9]])
        results = evaluate(CAMLocalization('oracle'), [one])
        assert results['cam/CorLoc'] == corloc
        assert results['cam/MaxBoxAcc'] == max_box_acc
    # A map that is all object fills the image, to its border.
    one = sample(np.ones((SIZE, SIZE)), [[0, 0, SIZE, SIZE // 2]])
    one['pred_cam'][0, 0] = 0.9
    assert evaluate(CAMLocalization(0.1), [one])['cam/CorLoc'] == 100


def test_maps_without_a_class_have_no_scores_of_a_class():
    samples = make_samples(seed=11)
    expected = evaluate(CAMLocalization('oracle'), samples)
    for one in samples:
        del one['cam_label'], one['pred_score']
    results = evaluate(CAMLocalization('oracle'), samples)
    missing = {f'cam/{k}_Loc' for k in ('GT-known', 'Top-1', 'Top-5')}
    assert set(expected) - set(results) == missing
    assert results == {key: expected[key] for key in results}


def test_boxes_that_are_cut_off_are_counted_as_skipped_and_nowhere_else():
    samples = make_samples(seed=12)
    expected = evaluate(CAMLocalization('oracle'), samples)
    # 24 of 36 pixels are left; the box lies to the left of them.
    lost = sample(shape_map('ring'), [[0, 0, 8, 20]], ori_size=(36, 24))
    lost |= dict(scale_factor=(1.0, 1.0), crop_window=(10, 0, 36, 24))
    results = evaluate(CAMLocalization('oracle'), [*samples, lost, lost])
    assert results == {**expected, 'cam/skipped': 2}
    with pytest.raises(InputError, match='reaches into'):
        evaluate(CAMLocalization('oracle'), [lost])


def evaluate_share(rank, world_size, val, test):
    """What one rank does: every `world_size`-th image, with padding."""
    metric = CAMLocalization('val')
    padding = world_size - 1
    metric.process(None, [*val, *val][rank : len(val) + padding : world_size])
    metric.calibrate(len(val))
    share = [*test, *test][rank : len(test) + padding : world_size]
    metric.process(None, share)
    return metric.evaluate(len(test))


def test_two_ranks_agree_with_one():
    val, test = make_samples(seed=9), make_samples(seed=10)
    assert len(val) % 2 == len(test) % 2 == 1  # so that one is padding
    expected = evaluate_share(0, 1, val, test)
    assert run_ranks(evaluate_share, 2, val, test) == [expected, expected]


@pytest.mark.parametrize('tolerance', [0, 4])
def test_baselines_equal_the_metric_on_their_maps(tolerance):
    samples = make_samples(seed=15)
    results = evaluate(
        CAMLocalization('oracle', pointing_tolerance=tolerance), samples
    )
    whole, centre, point = np.zeros((3, SIZE, SIZE))
    whole[:] = 1
    centre[6:18, 6:18] = 1  # half the sides
    point[12, 12] = 1
    scores = {}
    for name, cam in (('whole', whole), ('centre', centre), ('point', point)):
        cam = torch.as_tensor(cam, dtype=torch.float32)
        scores[name] = evaluate(
            CAMLocalization(0, pointing_tolerance=tolerance),
            [dict(one, pred_cam=cam) for one in samples],
        )
    for key in ('MaxBoxAcc', 'MaxBoxAccV2', 'CorLoc', 'energy'):
        for name, maps in (('whole_image', 'whole'), ('centre_box', 'centre')):
            expected = scores[maps][f'cam/{key}']
            found = results[f'cam/{name}_{key}']
            assert found == pytest.approx(expected, rel=1e-6)
    found = results['cam/centre_box_pointing']
    assert found == pytest.approx(scores['point']['cam/pointing'])
    assert 'cam/whole_image_pointing' not in results


def test_maps_that_are_not_above_the_whole_image_are_warned_of(monkeypatch):
    said = []
    monkeypatch.setattr(baselines, 'print_log', lambda *x: said.append(x))
    box = [4, 4, 16, 16]
    good = np.zeros((SIZE, SIZE))
    good[4:16, 4:16] = 1
    evaluate(CAMLocalization(0), [sample(good, [box])])
    assert not said
    boxes = [0, 0, SIZE, SIZE], [0, 0, 4, 4]
    results = evaluate(
        CAMLocalization(0),
        [sample(np.ones((SIZE, SIZE)), [box]) for box in boxes],
    )
    assert results['cam/MaxBoxAcc'] == results['cam/whole_image_MaxBoxAcc']
    ((text, *_),) = said
    assert 'MaxBoxAcc 50.0 (whole image 50.0, centre box 0.0)' in text


def test_area_leaves_out_small_and_large_boxes():
    """Largest boxes of 25, 100, 5 and 50 % of the image; two are left."""
    boxes = [
        [[0, 0, 2, 2], [0, 0, 12, 12]],
        [[0, 0, 30, 24]],  # cut at the edge of the image
        [[0, 0, 24, 1], [20, 20, 24, 24]],
        [[0, 0, 24, 12]],
    ]
    samples = [sample(np.ones((SIZE, SIZE)), box) for box in boxes]
    results = evaluate(CAMLocalization(0.0, area=(0.06, 0.5)), samples)
    assert results['cam/skipped'] == 2
    # IoU of the whole image with a half is 0.5 and more.
    assert results['cam/whole_image_MaxBoxAcc'] == 50
    every = evaluate(CAMLocalization(0.0), samples)
    assert every['cam/skipped'] == 0

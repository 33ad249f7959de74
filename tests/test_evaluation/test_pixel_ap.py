"""CAMPixelAP against its definition, pixel by pixel."""

import numpy as np
import pytest
import torch
from ranks import run_ranks

from mmsca.evaluation import CAMPixelAP
from mmsca.utils.errors import InputError

SHAPE = (10, 13)


def make_samples(seed, count=5):
    rng = np.random.default_rng(seed)
    samples = []
    for _ in range(count):
        cam = rng.random(SHAPE).astype(np.float32)
        # Values on the edges of bins, too: 0, 1, and thousandths.
        cam[:3] = rng.integers(0, 1001, (3, SHAPE[1])) / 1000
        cam[3, 0], cam[3, 1] = 0, 1
        mask = rng.choice([0, 1, 255], SHAPE, p=[0.6, 0.3, 0.1])
        samples.append(
            dict(pred_cam=torch.tensor(cam), gt_mask=mask.astype(np.uint8))
        )
    return samples


def literal_pxap(samples) -> float:
    """Precision times the gain in recall, threshold by threshold."""
    pixels = [
        (float(value), int(truth))
        for one in samples
        for value, truth in zip(
            one['pred_cam'].numpy().ravel(),
            one['gt_mask'].ravel(),
            strict=True,
        )
        if truth != 255
    ]
    objects = sum(truth for _, truth in pixels)
    area = before = 0.0
    for threshold in [1.0, *np.arange(0, 1, 0.001)[::-1]]:
        found = [truth for value, truth in pixels if value >= threshold]
        if not found:
            continue
        recall = sum(found) / objects
        area += sum(found) / len(found) * (recall - before)
        before = recall
    return 100 * area


def evaluate(samples, size=None):
    metric = CAMPixelAP()
    metric.process(None, samples)
    return metric.evaluate(size or len(samples))


@pytest.mark.parametrize('seed', [0, 1])
def test_equals_the_definition(seed):
    samples = make_samples(seed)
    result = evaluate(samples)['cam/PxAP']
    assert result == pytest.approx(literal_pxap(samples))
    assert 20 < result < 60  # about the share of the object


def test_extremes():
    mask = np.zeros(SHAPE, dtype=np.uint8)
    mask[2:6, 3:8] = 1

    def score(cam):
        cam = torch.tensor(np.asarray(cam, dtype=np.float32))
        return evaluate([dict(pred_cam=cam, gt_mask=mask)])['cam/PxAP']

    assert score(mask) == pytest.approx(100)
    assert score(np.zeros(SHAPE)) == pytest.approx(100 * mask.mean())
    # Each pixel of the object comes behind all that lie beside it.
    assert score(1 - mask) == pytest.approx(100 * mask.mean())


def test_pixels_that_do_not_count_do_not_matter():
    (one,) = make_samples(2, count=1)
    expected = evaluate([one])
    ignored = one['gt_mask'] == 255
    one['pred_cam'][torch.tensor(ignored)] = 0.5
    assert evaluate([one]) == expected
    one['gt_mask'][:] = 0  # no object: not a number
    assert np.isnan(evaluate([one])['cam/PxAP'])


def test_padding_does_not_count_and_little_is_kept():
    samples = make_samples(4)
    assert evaluate(samples + samples[:2], 5) == evaluate(samples)
    metric = CAMPixelAP()
    cam = torch.rand(224, 224)
    mask = (np.arange(224**2) % 3 == 0).astype(np.uint8).reshape(224, 224)
    metric.process(None, [dict(pred_cam=cam, gt_mask=mask)])
    assert len(metric.results[0][0]) < 4096


def evaluate_share(rank, world_size, samples):
    """Every `world_size`-th image, with one of padding."""
    padded = [*samples, *samples][rank : len(samples) + 1 : world_size]
    return evaluate(padded, len(samples))


def test_two_ranks_agree_with_one():
    samples = make_samples(5)
    expected = evaluate(samples)
    assert run_ranks(evaluate_share, 2, samples) == [expected, expected]


def test_images_without_a_mask_are_left_out_and_counted():
    samples = make_samples(6)
    expected = evaluate(samples)
    assert expected['cam/PxAP_skipped'] == 0
    unmasked = [dict(one) for one in samples[:2]]
    for one in unmasked:
        one['gt_mask'] = np.full(SHAPE, 255, dtype=np.uint8)
    results = evaluate(samples + unmasked)
    assert results == {**expected, 'cam/PxAP_skipped': 2}
    with pytest.raises(InputError, match='no image has a mask'):
        evaluate(unmasked)
    del unmasked[0]['gt_mask']
    with pytest.raises(InputError, match='LoadObjectMask'):
        evaluate(unmasked)


def test_baselines_equal_the_metric_on_their_maps():
    samples = make_samples(7)
    results = evaluate(samples)
    height, width = SHAPE
    centre = torch.zeros(SHAPE)
    top, left = height // 4, width // 4
    centre[top : height - top, left : width - left] = 1
    baselines = dict(whole_image=torch.ones(SHAPE), centre_box=centre)
    for name, cam in baselines.items():
        maps = [dict(one, pred_cam=cam) for one in samples]
        assert results[f'cam/{name}_PxAP'] == evaluate(maps)['cam/PxAP']

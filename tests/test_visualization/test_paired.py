import csv
import statistics

import numpy as np
import pytest
from scipy import stats

from mmsca.visualization.paired import (
    cells,
    format_interval,
    metrics_of,
    paired_difference,
    paired_differences,
    plot_differences,
    t_interval,
    write_csv,
)
from mmsca.visualization.panels import read_image

COLUMNS = ('kNN', 'linear', 'MaxBoxAccV2', 'pointing')
LONG = 'swav_sca_r18_materials_without_warmup_and_partners'


def make_scores(**kwargs):
    """Values per seed, moved by 10 from one metric to the next."""
    return {
        name: {
            seed: {m: v + 10 * i for i, m in enumerate(COLUMNS)}
            for seed, v in enumerate(values)
        }
        for name, values in kwargs.items()
    }


@pytest.fixture
def scores():
    return make_scores(
        swav=[40.0, 44.0], sca=[41.0, 47.0], **{LONG: [20.5, 60.5]}
    )


def test_interval_by_hand():
    # Standard error 1, and the quantile 12.706 of one degree of freedom.
    assert t_interval([1.0, 3.0]) == pytest.approx((2, 12.706), abs=1e-3)
    # Five: standard error sqrt(2.5 / 5), quantile 2.776.
    mean, half = t_interval([1, 2, 3, 4, 5])
    assert (mean, half) == pytest.approx((3, 2.776 * 0.5**0.5), abs=1e-3)


@pytest.mark.parametrize('number', [2, 3, 10])
def test_interval_is_that_of_scipy(number):
    values = np.random.default_rng(number).normal(50, 3, number)
    mean, half = t_interval(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (mean - half, mean + half) == pytest.approx(expected)


def test_one_seed_has_no_interval():
    assert t_interval([4.25]) == (4.25, None)
    assert format_interval(4.25, None, '+') == '+4.2'


def test_differences_are_paired_by_seed(scores):
    # In another order of seeds, which must not matter.
    scores['sca'] = dict(reversed(scores['sca'].items()))
    differences = paired_differences(scores, 'swav')
    assert list(differences) == ['sca', LONG]
    for metric in COLUMNS:
        by_seed = {s: row[metric] for s, row in differences['sca'].items()}
        assert by_seed == {0: 1.0, 1: 3.0}


def test_interval_of_a_difference_is_that_of_a_paired_test():
    rng = np.random.default_rng(0)
    swav, sca = rng.normal(50, 5, (2, 6))
    scores = make_scores(swav=swav, sca=sca)
    rows = paired_differences(scores, 'swav')['sca'].values()
    mean, half = t_interval([row['kNN'] for row in rows])
    low, high = stats.ttest_rel(sca, swav).confidence_interval(0.95)
    assert (mean - half, mean + half) == pytest.approx((low, high))
    assert mean == pytest.approx(statistics.mean(sca - swav))


def test_csv_holds_every_value(scores, tmp_path):
    file = tmp_path / 'a.csv'
    scores['swav'][1]['kNN'] = 1 / 3
    write_csv(scores, file)
    read = {}
    with file.open(newline='') as f:
        for row in csv.DictReader(f):
            assert list(row) == ['config', 'seed', 'metric', 'value']
            seeds = read.setdefault(row['config'], {})
            values = seeds.setdefault(int(row['seed']), {})
            assert row['metric'] not in values
            values[row['metric']] = float(row['value'])
    assert read == scores


def test_plot_shows_intervals_and_seeds(scores, tmp_path):
    out = tmp_path / 'a.png'
    plot_differences(
        paired_differences(scores, 'swav'), COLUMNS, 'difference', out
    )
    image = read_image(out)
    assert image.shape == (375, 1650, 3)
    # Blue intervals and gray dots on white.
    colors = {tuple(c) for c in image.reshape(-1, 3)}
    assert {(255, 255, 255), (31, 119, 180), (128, 128, 128)} <= colors


def test_runs_may_lack_metrics_and_arms_may_lack_seeds(tmp_path):
    scores = make_scores(swav=[40.0, 44.0, 50.0], sca=[41.0, 47.0])
    scores['sca'][5] = dict(kNN=9.0)
    scores['sca'][0]['box AP'] = 12.0
    metrics = [*COLUMNS, 'box AP']
    assert metrics_of(scores) == metrics
    difference = paired_difference(scores, 'sca', 'swav')
    expected = {0: dict.fromkeys(COLUMNS, 1.0), 1: dict.fromkeys(COLUMNS, 3.0)}
    assert difference == expected
    differences = dict(a=difference, b={})
    assert cells(differences, 'a', metrics, '+') == ['+2.0 ± 12.7'] * 4 + ['']
    assert cells(differences, 'b', metrics) == [''] * 5
    out = tmp_path / 'a.png'
    plot_differences(differences, metrics, 'difference', out)
    assert read_image(out).std() > 1

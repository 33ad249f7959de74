import csv
import io
import statistics

import numpy as np
import pytest
from rich.console import Console
from scipy import stats

from mmsca.visualization.ablation_report import (
    ablation_markdown,
    ablation_table,
    format_interval,
    paired_differences,
    plot_differences,
    t_interval,
    write_ablation_report,
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


def test_markdown_table(scores):
    rows = [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in ablation_markdown(scores, 'swav').splitlines()
    ]
    assert rows[0] == ['config', *COLUMNS, *(f'Δ {c}' for c in COLUMNS)]
    assert len(rows[1]) == len(rows[0])
    # Standard errors 2 and 3; the quantile is 12.706.
    assert rows[2][:3] == ['swav', '42.0 ± 25.4', '52.0 ± 25.4']
    assert rows[2][5:] == ['control'] * 4
    assert rows[3][:2] == ['sca', '44.0 ± 38.1']
    assert rows[3][5:] == ['+2.0 ± 12.7'] * 4
    assert rows[4][5] == '-1.5 ± 228.7'


def test_table_fits_79_columns(scores):
    console = Console(file=io.StringIO(), width=79)
    console.print(ablation_table(scores, 'swav'))
    text = console.file.getvalue()
    assert '…' not in text
    # One for the scores, one for the differences.
    assert all(text.count(column) == 2 for column in COLUMNS)
    assert text.count('-1.5 ± 228.7') == 4
    assert '42.0 ± 25.4' in text and '+2.0 ± 12.7' in text


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
    plot_differences(scores, 'swav', out)
    image = read_image(out)
    assert image.shape == (375, 1650, 3)
    # Blue intervals and gray dots on white.
    colors = {tuple(c) for c in image.reshape(-1, 3)}
    assert {(255, 255, 255), (31, 119, 180), (128, 128, 128)} <= colors


def test_report_of_one_config_and_one_seed(tmp_path):
    write_ablation_report(tmp_path, make_scores(swav=[1]), 'swav', {})
    report = (tmp_path / 'ablation.md').read_text()
    assert '| swav | 1.0 | 11.0 | 21.0 | 31.0 | control |' in report
    assert read_image(tmp_path / 'ablation.png').size > 0


def test_report_says_how_it_was_made(scores, tmp_path):
    commands = dict(swav=['python tools/train.py a.py'], sca=['b', 'c'])
    file = write_ablation_report(tmp_path, scores, 'swav', commands)
    text = file.read_text()
    assert 'Seeds: 0, 1. Control: swav.' in text
    assert ablation_markdown(scores, 'swav') in text
    assert 't-interval of the mean over seeds' in text
    assert 'Two seeds give wide intervals' in text
    assert 'sca:\n\n```bash\nb\nc\n```' in text
    assert '![](ablation.png)' in text
    assert {p.name for p in tmp_path.iterdir()} == {
        'ablation.md',
        'ablation.csv',
        'ablation.png',
    }

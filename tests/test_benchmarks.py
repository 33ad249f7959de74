"""Each benchmark at its smallest size, and what is made of the results."""

import importlib
import json
import operator
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope='module')
def benchmarks():
    """Gives modules of the folder, which is not installed."""
    sys.path.insert(0, str(ROOT))
    yield lambda name: importlib.import_module(f'benchmarks.{name}')
    sys.path.remove(str(ROOT))


NAMES = {
    'loader': {'mmsca', 'mmpretrain', 'authors'},
    'train': {'mmsca', 'mmpretrain'},
    'step-bf16': {'mmsca', 'mmsca + SCA', 'mmpretrain', 'backbone'},
    'sinkhorn': {'mmsca', 'mmpretrain'},
    'sca': {'mmsca + SCA', 'counted', 'modelled'},
    'cam': {'mmsca', 'grad-cam'},
    'box_metric': {'mmsca', 'plain'},
    'coco_eval': {'pycocotools', 'faster-coco-eval'},
}


@pytest.fixture(scope='module')
def small_results(tmp_path_factory) -> Path:
    """Folder that the command has written, at the smallest sizes."""
    out = tmp_path_factory.mktemp('results')
    command = [sys.executable, '-m', 'benchmarks', *NAMES, '--small']
    process = subprocess.run(
        [*command, '--out', str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return out


@pytest.mark.parametrize('name', NAMES)
def test_a_benchmark_runs(small_results, name):
    result = json.loads((small_results / f'{name}.json').read_text())
    names = ' '.join(ratio['name'] for ratio in result['ratios'])
    assert all(arm in names for arm in NAMES[name])
    for ratio in result['ratios']:
        assert 0 <= ratio['low'] <= ratio['median'] <= ratio['high'] < 1e4
    assert f'## {name}' in (small_results / 'README.md').read_text()


def test_an_unknown_name_is_refused(benchmarks, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['benchmarks', 'steps'])
    with pytest.raises(SystemExit):
        benchmarks('__main__').parse_args()
    assert "no benchmark is named ['steps']" in capsys.readouterr().err


def test_arms_take_turns_and_the_first_item_warms_up(benchmarks):
    calls = []
    arms = {
        arm: lambda item, arm=arm: calls.append(arm + item) for arm in 'ab'
    }
    seconds = benchmarks('timing').alternate(arms, ['0', '1', '2'])
    assert calls == ['b0', 'a0', 'a1', 'b1', 'b2', 'a2']
    assert {arm: len(values) for arm, values in seconds.items()} == dict(
        a=2, b=2
    )


def test_peak_memory_is_that_of_the_new_process(benchmarks):
    ballast = b'.' * (300 * 2**20)
    peak_mib = benchmarks('timing').peak_mib
    small = peak_mib(operator.mul, b'.', 1)
    large = peak_mib(operator.mul, b'.', 100 * 2**20)
    assert large - small == pytest.approx(100, abs=5)
    assert small < len(ballast) / 2**20


@pytest.mark.parametrize(
    ('target', 'met'),
    [
        (dict(at_most=2), True),
        (dict(at_most=1.9), False),
        (dict(at_least=2), True),
        (dict(at_least=2.1), False),
        ({}, None),
    ],
)
def test_the_median_meets_a_target_or_not(benchmarks, target, met):
    ratio = benchmarks('ratio').Ratio('a / b', [1, 4, 2], **target).summary()
    assert ratio['met'] is met
    assert (ratio['low'], ratio['median'], ratio['high']) == (1, 2, 4)


def test_a_model_of_ranks_adds_latency_and_transfer(benchmarks):
    sinkhorn = benchmarks('sinkhorn')
    # 4 collectives with 2 x 3 messages each of 10 us; 2 x 7 / 8 of 36,004
    # bytes at 12.5 GB/s.
    expected = 1.0 + 4 * 6 * 0.01 + 2 * 7 / 8 * 36_004 / 12.5e6
    assert sinkhorn.modelled_ms(1.0, 3000, 8) == pytest.approx(expected)


def test_the_report_has_every_result(benchmarks, tmp_path):
    report = benchmarks('report')
    ratio = benchmarks('ratio').Ratio('a / b', [0.5, 0.25], at_most=1)
    result = dict(
        ratios=[ratio.summary()],
        rows=[{'arm': 'a', 'seconds': 0.123456}],
        settings=dict(images=3),
        machine=benchmarks('machine').describe(),
    )
    for name in ('one', 'two'):
        (tmp_path / f'{name}.json').write_text(json.dumps(result))
    report.write(tmp_path)
    text = (tmp_path / 'README.md').read_text()
    assert '## one' in text and '## two' in text
    assert '| a / b | 0.375 | 0.25 to 0.5 | 2 | <= 1 | yes |' in text
    assert '| a | 0.1235 |' in text
    assert (tmp_path / 'ratios.png').stat().st_size > 0

"""Each benchmark at its smallest size, and what is made of the results."""

import json
import math
import operator
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from subprocess import DEVNULL

import pytest
import torch
from forked_tools import forked_subprocess

from benchmarks import (
    command,
    gpu,
    machine,
    report,
    sinkhorn,
    step,
    timing,
    train,
)
from benchmarks.ratio import Ratio

ROOT = Path(__file__).parents[1]
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


@pytest.fixture
def measure(tmp_path, monkeypatch):
    """`measure(name)` gives the folder of its results, the smallest sizes."""
    # Trainings are forks of this process, which skip the imports.
    monkeypatch.setattr(train, 'subprocess', forked_subprocess)
    # What `gpu` sets is taken back.
    monkeypatch.setattr(torch.backends.cudnn, 'benchmark', False)

    def run(name: str) -> Path:
        argv = ['benchmarks', name, '--small', '--out', str(tmp_path)]
        monkeypatch.setattr(sys, 'argv', argv)
        command.main()
        return tmp_path

    return run


def check(folder: Path, name: str) -> None:
    result = json.loads((folder / f'{name}.json').read_text())
    names = ' '.join(ratio['name'] for ratio in result['ratios'])
    assert all(arm in names for arm in NAMES[name])
    for ratio in result['ratios']:
        assert 0 <= ratio['low'] <= ratio['median'] <= ratio['high'] < 1e4
    assert f'## {name}' in (folder / 'README.md').read_text()


@pytest.mark.parametrize('name', [n for n in NAMES if n != 'box_metric'])
def test_a_benchmark_runs(measure, name):
    check(measure(name), name)


def test_the_steps_whose_memory_is_measured():
    """A new process takes them, as those of box_metric."""
    step.take_steps('mmsca', 2, (32, 32, 16), 'fp32', 'cpu', 18)


def test_the_command(tmp_path):
    """With a benchmark that starts processes of its own."""
    command = [sys.executable, '-m', 'benchmarks', 'box_metric', '--small']
    subprocess.run(
        [*command, '--out', tmp_path], cwd=ROOT, check=True, stdout=DEVNULL
    )
    check(tmp_path, 'box_metric')


def test_every_section_of_gpu_runs(measure):
    folder = measure('gpu')
    file = gpu.result_file(folder)
    sections = json.loads(file.read_text())['sections']
    assert list(sections) == [*gpu.SECTIONS, 'hours']
    for result in sections.values():
        assert result['machine']['versions']['torch'] == version('torch')
        assert result['rows']
        numbers = [x for row in result['rows'] for x in row.values()]
        numbers += [r[k] for r in result['ratios'] for k in ('low', 'high')]
        assert all(math.isfinite(x) for x in numbers if not isinstance(x, str))
    report_text = (folder / 'README.md').read_text()
    assert f'## {file.stem} step-bf16' in report_text


@pytest.mark.parametrize(
    'name, words',
    [
        ('steps', "no benchmark is named ['steps']"),
        ('gpu:sca', 'gpu needs a CUDA device; --small runs without one'),
    ],
)
def test_a_name_that_can_not_run_is_refused(monkeypatch, capsys, name, words):
    monkeypatch.setattr(sys, 'argv', ['benchmarks', name])
    monkeypatch.setattr('torch.cuda.is_available', bool)
    with pytest.raises(SystemExit):
        command.parse_args()
    assert words in capsys.readouterr().err


def test_hours_follow_from_images_a_second():
    waiting = [
        {'arm': 'mmsca', 'images a second': 1000.0},
        {'arm': 'mmsca + SCA', 'images a second': 800.0},
    ]
    workers = [{'images a second and worker': x} for x in (300.0, 250.0)]
    plain, with_sca = gpu.training_hours(
        dict(waiting=dict(rows=waiting), workers=dict(rows=workers))
    )
    hours = 200 * 1_281_167 / 1000 / 3600
    assert plain['hours, 1 GPU'] == pytest.approx(hours)
    assert plain['hours, 8 GPUs'] == pytest.approx(hours / 8)
    assert plain['cores a GPU needs'] == 4
    # A fifth without SCA, the rest at 4/5 of the speed.
    assert with_sca['hours, 1 GPU'] == pytest.approx(1.2 * hours)
    assert with_sca['cores a GPU needs'] == pytest.approx(3.2)


def test_a_batch_is_halved_until_it_fits():
    tried = []

    def measure(batch_size, device):
        tried.append(batch_size)
        if batch_size > 2:
            raise torch.OutOfMemoryError('CUDA out of memory.')
        return [], []

    *_, settings = gpu.fitting(measure, dict(batch_size=8), 'cpu')
    assert tried == [8, 4, 2] and settings == dict(batch_size=2)


def test_arms_take_turns_and_the_first_item_warms_up():
    calls = []
    arms = {
        arm: lambda item, arm=arm: calls.append(arm + item) for arm in 'ab'
    }
    seconds = timing.alternate(arms, ['0', '1', '2'])
    assert calls == ['b0', 'a0', 'a1', 'b1', 'b2', 'a2']
    assert {arm: len(values) for arm, values in seconds.items()} == dict(
        a=2, b=2
    )


def test_peak_memory_is_that_of_the_new_process():
    ballast = b'.' * (300 * 2**20)
    small = timing.peak_mib(operator.mul, b'.', 1)
    large = timing.peak_mib(operator.mul, b'.', 100 * 2**20)
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
def test_the_median_meets_a_target_or_not(target, met):
    ratio = Ratio('a / b', [1, 4, 2], **target).summary()
    assert ratio['met'] is met
    assert (ratio['low'], ratio['median'], ratio['high']) == (1, 2, 4)


def test_a_model_of_ranks_adds_latency_and_transfer():
    # 4 collectives with 2 x 3 messages each of 10 us; 2 x 7 / 8 of 36,004
    # bytes at 12.5 GB/s.
    expected = 1.0 + 4 * 6 * 0.01 + 2 * 7 / 8 * 36_004 / 12.5e6
    assert sinkhorn.modelled_ms(1.0, 3000, 8) == pytest.approx(expected)


def test_the_report_has_every_result(tmp_path):
    ratio = Ratio('a / b', [0.5, 0.25], at_most=1)
    result = dict(
        ratios=[ratio.summary()],
        rows=[{'arm': 'a', 'seconds': 0.123456}],
        settings=dict(images=3),
        machine=machine.describe(),
    )
    for name in ('one', 'two'):
        (tmp_path / f'{name}.json').write_text(json.dumps(result))
    report.write(tmp_path)
    text = (tmp_path / 'README.md').read_text()
    assert '## one' in text and '## two' in text
    assert '| a / b | 0.375 | 0.25 to 0.5 | 2 | <= 1 | yes |' in text
    assert '| a | 0.1235 |' in text
    assert (tmp_path / 'ratios.png').stat().st_size > 0

"""Whatever is killed goes on, and ends with the same table to the bit."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from forked_tools import ForkedTool, ForkingProcesses

from mmsca.comparison.project import project_root
from mmsca.comparison.slurm import queue

OPTIONS = [
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'train_cfg.max_epochs=3',
]


def table_of(comparison):
    return comparison.file.with_suffix('.csv').read_text()


@pytest.mark.parametrize('seed', range(2))
def test_killed_tool(compare, fields, tmp_path, seed):
    """With tools of milliseconds, in processes that are copies of this."""
    start = time.monotonic()
    expected = table_of(compare(fields))
    seconds = time.monotonic() - start
    (tmp_path / 'work').rename(tmp_path / 'whole')
    moment = random.Random(seed)
    for _ in range(3):
        child = os.fork()
        if not child:
            os.setsid()
            try:
                compare(fields, workers=2)
            finally:
                os._exit(0)
        time.sleep(moment.uniform(0, seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert table_of(compare(fields)) == expected


@pytest.fixture(scope='module')
def noise(tmp_path_factory):
    """A comparison of two backbones on images of noise, by the real tools."""
    folder = tmp_path_factory.mktemp('kills')
    generator = np.random.default_rng(0)
    for split, number in (('train', 6), ('test', 6)):
        for label in range(10):
            images = folder / 'cifar10' / split / str(label)
            images.mkdir(parents=True)
            for index in range(number):
                image = generator.integers(0, 255, (32, 32, 3), np.uint8)
                image[..., label % 3] //= label + 1
                cv2.imwrite(str(images / f'{index}.png'), image)
    base = project_root() / 'configs/_base_/evaluations/cifar10.py'
    (folder / 'noise.py').write_text(
        f'_base_ = {str(base)!r}\ntitle = "Noise"\n'
        f'data_root = {str(folder / "cifar10")!r}\n'
        'backbones = dict(sca=dict(\n'
        '    title="SCA", pretrain="sca/swav_sca_r18_cifar10.py",\n'
        f'    options={OPTIONS!r}),\n'
        '    untrained=dict(title="untrained", skip=["linear"]))\n'
    )
    return folder


def start(noise, work_dir):
    """The tool and its stages as forks, which skip the imports."""
    command = [project_root() / 'tools/compare.py', noise / 'noise.py']
    command += ['--work-dir', work_dir]
    with (noise / 'log.txt').open('a') as log:
        return ForkedTool(list(map(str, command)), log, {})


@pytest.fixture(scope='module')
def forks():
    """Stages are forks of the tool that starts them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('mmsca.comparison.local.Processes', ForkingProcesses)
        yield


@pytest.fixture(scope='module')
def whole(noise, forks):
    """Seconds and table of what nobody kills."""
    begin = time.monotonic()
    assert start(noise, noise / 'whole').wait() == 0
    file = noise / 'whole/noise/report.csv'
    return time.monotonic() - begin, file.read_text()


def stages_of(process):
    """Process groups that a tool has started."""
    result = subprocess.run(
        ['ps', '-o', 'pid=', '--ppid', str(process.pid)],
        capture_output=True,
        text=True,
    )
    return [int(pid) for pid in result.stdout.split()]


@pytest.mark.sweep
@pytest.mark.parametrize('seed', range(20))
def test_killed_by_the_real_tools(noise, whole, seed):
    seconds, expected = whole
    moment = random.Random(seed)
    work_dir = noise / f'work{seed}'
    process = start(noise, work_dir)
    time.sleep(moment.uniform(0, seconds))
    stages = stages_of(process)
    # The tool, one of its stages, or all of them.
    kind = seed % 3
    if kind != 1:
        os.kill(process.pid, signal.SIGKILL)
    if kind != 0 and stages:
        for pid in stages if kind == 2 else [moment.choice(stages)]:
            os.killpg(pid, signal.SIGKILL)
    process.wait()
    assert start(noise, work_dir).wait() == 0
    table = (work_dir / 'noise/report.csv').read_text()
    assert table == expected


@pytest.mark.sweep
def test_job_array_of_the_real_tools(cluster, noise, whole):
    """On Slurm, where a person cancels the job of a pretraining."""
    pytest.importorskip('submitit')
    work_dir = noise / 'slurm'
    command = [sys.executable, 'tools/compare.py', noise / 'noise.py']
    command += ['--work-dir', work_dir, '--slurm', 'partition=main']
    command += ['time=10', 'cpus_per_task=1']
    process = subprocess.Popen(command, cwd=project_root())
    while not list(work_dir.rglob('pretrain/epoch_1.pth')):
        assert process.poll() is None
        time.sleep(0.2)
    (job,) = (job for job in queue() if job.endswith('_0'))
    subprocess.run(['scancel', job], check=True)
    assert process.wait() == 1
    subprocess.run(command, cwd=project_root(), check=True)
    assert queue() == {}
    assert (work_dir / 'noise/report.csv').read_text() == whole[1]


@pytest.mark.sweep
def test_slurm_train(cluster, noise, tmp_path):
    """Two tasks on one node without a GPU."""
    environment = dict(
        GPUS='2',
        GPUS_PER_NODE='2',
        CPUS_PER_TASK='1',
        SRUN_ARGS='--gres=none',
        MASTER_ADDR='127.0.0.1',
        GLOO_SOCKET_IFNAME='lo',
        PATH=f'{Path(sys.executable).parent}:{os.environ["PATH"]}',
    )
    config = 'configs/sca/swav_sca_r18_cifar10.py'
    root = f'train_dataloader.dataset.data_root={noise / "cifar10"}'
    result = subprocess.run(
        [
            *('bash', 'tools/slurm_train.sh', 'main', 'sca', config),
            *('--work-dir', tmp_path, '--cfg-options', root, *OPTIONS),
        ],
        cwd=project_root(),
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (log,) = tmp_path.glob('*/*.log')
    text = log.read_text()
    assert 'Distributed launcher: slurm' in text
    assert 'GPU number: 2' in text
    assert (tmp_path / 'epoch_3.pth').exists()

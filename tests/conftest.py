import contextlib
import gc
import io
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import faster  # noqa: F401
import pytest
import torch
from official_tiny_imagenet import write_tiny_imagenet
from slurm_cluster import missing, slurm_cluster
from small_runs import save_untrained

import mmsca  # noqa: F401  serves `mmcv._ext` before a test imports mmcv.ops
from mmsca.datasets.folder_splits import write_splits

ROOT = Path(__file__).parents[1]


def _run_tool(
    tool: str, *args, check: bool = True
) -> subprocess.CompletedProcess:
    """Run `tools/<tool>` from the repository root, output captured."""
    process = subprocess.run(
        [sys.executable, f'tools/{tool}', *map(str, args)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if check:
        assert process.returncode == 0, process.stdout + process.stderr
    return process


def pytest_collection_finish():
    gc.freeze()  # what is imported


def pytest_runtest_setup(item):
    if item.get_closest_marker('gpu') and not torch.cuda.is_available():
        pytest.skip('needs a CUDA device')


@pytest.fixture(scope='session')
def run_tool():
    """`run_tool(tool, *args, check=True)` gives the finished process."""
    return _run_tool


def _call_tool(tool: str, *args, check: bool = True) -> SimpleNamespace:
    """The same in this process, without the seconds that imports take."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.getsignal(number) for number in signals}
    argv, path = sys.argv, sys.path[:]
    sys.argv = [f'tools/{tool}', *map(str, args)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            runpy.run_path(str(ROOT / 'tools' / tool), run_name='__main__')
    except SystemExit as stop:
        code = stop.code or 0
    finally:
        sys.argv, sys.path[:] = argv, path
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if isinstance(code, str):  # as Python ends on it
        err.write(f'{code}\n')
        code = 1
    assert not (check and code), out.getvalue() + err.getvalue()
    return SimpleNamespace(
        returncode=code, stdout=out.getvalue(), stderr=err.getvalue()
    )


@pytest.fixture(scope='session')
def call_tool():
    """As `run_tool`, in this process."""
    return _call_tool


@pytest.fixture(scope='session')
def material_scenes(tmp_path_factory) -> Path:
    """Root of a tiny MaterialScenes set."""
    root = tmp_path_factory.mktemp('data') / 'material_scenes'
    sizes = {
        'train': 40,
        'val': 20,
        'test': 20,
        'detection-train': 8,
        'detection-val': 4,
        'detection-test': 4,
    }
    options = [x for k, n in sizes.items() for x in (f'--num-{k}', n)]
    _call_tool('make_material_scenes.py', root, *options)
    return root


@pytest.fixture(scope='session')
def tiny_imagenet(tmp_path_factory) -> Path:
    """Root of Tiny ImageNet of three classes, with its splits."""
    root = write_tiny_imagenet(tmp_path_factory.mktemp('tiny_imagenet'))
    write_splits(root)
    return root


@pytest.fixture(scope='session')
def untrained_sca(tmp_path_factory) -> Path:
    """Checkpoint of SwAV + SCA with random weights."""
    path = tmp_path_factory.mktemp('untrained') / 'epoch_1.pth'
    return save_untrained('sca/swav_sca_r18_materials', path)


@pytest.fixture
def cluster(monkeypatch):
    """A Slurm cluster: a partition `main` of two cores."""
    if reason := missing():
        pytest.skip(reason)
    # Sockets need a short path.
    with tempfile.TemporaryDirectory(prefix='slurm', dir='/tmp') as folder:
        os.chmod(folder, 0o755)
        with slurm_cluster(Path(folder)) as environment:
            for key, value in environment.items():
                monkeypatch.setenv(key, value)
            yield

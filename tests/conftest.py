import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import mmsca  # noqa: F401  serves `mmcv._ext` before a test imports mmcv.ops

ROOT = Path(__file__).parents[1]

# Several threads on a busy small machine slow a step down a hundredfold.
torch.set_num_threads(1)
os.environ['OMP_NUM_THREADS'] = '1'


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


@pytest.fixture(scope='session')
def run_tool():
    """`run_tool(tool, *args, check=True)` gives the finished process."""
    return _run_tool


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
    _run_tool('make_material_scenes.py', root, *options)
    return root

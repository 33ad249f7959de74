"""Comparisons whose stages take milliseconds."""

import io

import pytest
from mmengine.config import Config
from rich.console import Console

from mmsca.comparison.compare import Comparison
from mmsca.comparison.fields import make_table
from mmsca.comparison.project import project_root

# In place of all tools. A training adds a line per epoch to its checkpoint,
# and goes on where it was stopped; scores follow from checkpoint and seed.
TOOL = """
import json, os, re, sys, zlib
from pathlib import Path

text = ' '.join(sys.argv[1:])
if Path(sys.argv[0]).with_name('broken').exists():
    sys.exit('no such [bold]prototype[/]')
seed = re.search(r'randomness.seed=(\\d+)', text)
checkpoint = re.search(r'[^\\s=]+\\.pth', text)
state = checkpoint and Path(checkpoint[0]).read_text()
if '--out' in sys.argv:
    value = zlib.crc32(f'{seed and seed[1]} {state}'.encode()) % 1000 / 10
    metrics = {'top1': {'20': value}, 'accuracy/top1': value + 1}
    out = Path(sys.argv[sys.argv.index('--out') + 1])
    out.write_text(json.dumps(metrics))
else:
    folder = Path(sys.argv[sys.argv.index('--work-dir') + 1])
    file = folder / 'epoch_3.pth'
    lines = file.read_text().split() if file.exists() else []
    for epoch in range(len(lines), 3):
        lines.append(str(zlib.crc32(f'{lines} {seed[1]} {state}'.encode())))
        file.with_suffix('.part').write_text(' '.join(lines))
        os.replace(file.with_suffix('.part'), file)
    (folder / 'last_checkpoint').write_text(str(file))
print('done')
"""
EVALUATIONS = project_root() / 'configs/_base_/evaluations'


@pytest.fixture
def fields(tmp_path):
    """Of a table of an untrained and a pretrained backbone, two seeds."""
    for split in ('train', 'test'):
        (tmp_path / 'cifar10' / split).mkdir(parents=True)
    cifar10 = Config.fromfile(EVALUATIONS / 'cifar10.py').to_dict()
    return cifar10 | dict(
        title='Noise',
        data_root=str(tmp_path / 'cifar10'),
        seeds=[0, 1],
        backbones=dict(
            untrained=dict(title='untrained'),
            sca=dict(title='SCA', pretrain='sca/swav_sca_r18_cifar10.py'),
        ),
    )


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Folder of tools that take milliseconds."""
    folder = tmp_path / 'tools'
    folder.mkdir()
    for name in ('train.py', 'test.py', 'knn.py'):
        (folder / name).write_text(TOOL)
    monkeypatch.setattr('mmsca.comparison.run.tool', folder.joinpath)
    return folder


@pytest.fixture
def compare(tools, tmp_path):
    """Measures a table and reports; gives the comparison."""

    def run(fields, small=False, report_only=False, **kwargs):
        console = Console(file=io.StringIO(), width=200)
        table = make_table('noise', fields)
        result = Comparison(table, tmp_path / 'work', small, console)
        result.failures = {}
        if not report_only:
            result.failures = result.measure(**dict(workers=1) | kwargs)
        result.file = result.report()
        result.text = console.file.getvalue()
        return result

    return run

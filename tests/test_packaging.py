import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mmsca.version import __version__
from mmsca.visualization.curves import read_scalars

ROOT = Path(__file__).parents[1]
CONFIGS = sorted(p.relative_to(ROOT) for p in (ROOT / 'configs').rglob('*.py'))
PACKAGING = (
    'setup.cfg',
    'pyproject.toml',
    'MANIFEST.in',
    'README.md',
    'LICENSE',
    'model-index.yml',
)
SCRIPTS = ['.ci/run', *(f'tools/{p.name}' for p in ROOT.glob('tools/*.sh'))]


def run_python(code, folder, **env):
    process = subprocess.run(
        [sys.executable, '-c', code],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


def test_a_folder_of_the_same_name_does_not_hide_the_package(tmp_path):
    """As beside a clone."""
    (tmp_path / 'mmsca').mkdir()
    code = 'import mmsca; print(mmsca.__version__)'
    assert run_python(code, tmp_path) == __version__


def test_opencv_needs_no_libgl(tmp_path):
    (tmp_path / 'libGL.so.1').touch()  # no library: loading it would fail
    code = 'import cv2; print(cv2.__name__)'
    assert run_python(code, tmp_path, LD_LIBRARY_PATH=str(tmp_path)) == 'cv2'


@pytest.fixture(scope='module')
def wheel_file(tmp_path_factory):
    """A wheel built from a clean copy."""
    clone = tmp_path_factory.mktemp('clone')
    for name in ('configs', 'mmsca', 'tools'):
        ignore = shutil.ignore_patterns('__pycache__')
        shutil.copytree(ROOT / name, clone / name, True, ignore)
    for name in PACKAGING:
        shutil.copy(ROOT / name, clone)
    # What running a tool leaves behind is not to be packed.
    (clone / 'tools/__pycache__').mkdir()
    (clone / 'tools/__pycache__/train.cpython-311.pyc').write_bytes(b'x')
    build = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    subprocess.run(
        [sys.executable, '-c', build],
        cwd=clone,
        check=True,
        capture_output=True,
    )
    (file,) = (clone / 'dist').glob('*.whl')
    return file


@pytest.fixture(scope='module')
def wheel(wheel_file):
    """Names and sizes of the files in it."""
    with zipfile.ZipFile(wheel_file) as archive:
        return {i.filename: i.file_size for i in archive.infolist()}


def test_wheel_holds_every_config_and_tool(wheel):
    files = [
        *CONFIGS,
        *(p.relative_to(ROOT) for p in ROOT.glob('tools/*.*')),
        Path('model-index.yml'),
        *(p.relative_to(ROOT) for p in ROOT.glob('configs/*/metafile.yml')),
    ]
    assert {f'mmsca/.mim/{f}': (ROOT / f).stat().st_size for f in files} == {
        name: wheel.get(name) for name in (f'mmsca/.mim/{f}' for f in files)
    }


def test_wheel_holds_every_module_and_nothing_else(wheel):
    modules = {
        str(p.relative_to(ROOT))
        for p in (ROOT / 'mmsca').rglob('*.py')
        if '.mim' not in p.parts
    }
    assert modules == {
        name
        for name in wheel
        if name.endswith('.py') and not name.startswith('mmsca/.mim/')
    }
    assert not [name for name in wheel if name.endswith('.pyc')]


@pytest.fixture(scope='module')
def installed(wheel_file, tmp_path_factory):
    """`mmsca` of an environment that has the wheel and our dependencies."""
    folder = tmp_path_factory.mktemp('environment')
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob('lib/python*/site-packages')
    (packages / 'dependencies.pth').write_text(sysconfig.get_path('purelib'))
    command = ['install', '--no-deps', '--no-index', '-q', wheel_file]
    subprocess.run(
        [sys.executable, '-m', 'pip', '--python', folder, *command], check=True
    )
    return folder / 'bin/mmsca'


# In one process, for the seconds that imports take.
FIRST_HOUR = """
import sys
from mmsca.__main__ import main

WEIGHTS = 'work_dirs/swav_sca_r18_folder/epoch_1.pth'
for command in [
    'copy-config sca/swav_sca_r18_folder',
    'train swav_sca_r18_folder.py --cfg-options '
    'train_dataloader.dataset.data_root=images/brick '
    'train_dataloader.batch_size=2 '
    'train_dataloader.num_workers=0 train_cfg.max_epochs=1 model.warmup=0 '
    'default_hooks.logger.interval=1',
    'split-folder images',
    f'knn classification/r18_linear_folder {WEIGHTS} --k 1 --cfg-options '
    'train_dataloader.dataset.data_root=images train_dataloader.num_workers=0 '
    'test_dataloader.dataset.data_root=images test_dataloader.num_workers=0',
    f'export {WEIGHTS} r18.safetensors --to timm',
]:
    sys.argv = ['mmsca', *command.split()]
    main()
"""


def test_a_wheel_in_an_empty_folder(installed, material_scenes, tmp_path):
    """Pretrain on a folder with the full-size views, score, export."""
    environ = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}

    def run(*command):
        result = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    for name in ('brick', 'grass'):
        folder = tmp_path / 'images' / name
        shutil.copytree(material_scenes / 'train' / name, folder)
    assert 'sca/swav_sca_r18_folder ' in run(installed, 'configs', 'folder')
    printed = run(installed.with_name('python'), '-c', FIRST_HOUR)
    assert 'OneDL' not in printed
    pretraining = tmp_path / 'work_dirs/swav_sca_r18_folder'
    _, entropies = read_scalars(pretraining, 'mask_entropy')
    assert len(entropies) and np.isfinite(entropies).all()
    assert (tmp_path / 'work_dirs/r18_linear_folder/knn.json').is_file()
    assert (tmp_path / 'r18.safetensors').is_file()


@pytest.mark.parametrize('script', SCRIPTS)
def test_script_is_executable_bash(script):
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(['bash', '-n', ROOT / script], check=True)


@pytest.mark.parametrize(
    'script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh']
)
def test_launcher_explains_itself(script):
    result = subprocess.run(
        ['bash', ROOT / 'tools' / script], capture_output=True, text=True
    )
    assert result.returncode == 2
    assert 'CONFIG' in result.stderr


@pytest.fixture
def launch(tmp_path):
    """Run a launcher beside a tool that prints what reached it."""
    tool = (
        'import os, sys\n'
        'sys.stdout.write(f"{os.environ.get(\'RANK\')}: {sys.argv[1:]}\\n")'
    )
    (tmp_path / 'test.py').write_text(tool)

    def run(script, *args):
        shutil.copy(ROOT / 'tools' / script, tmp_path)
        # `python` in the scripts is the one that runs the tests.
        path = f'{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin'
        result = subprocess.run(
            ['bash', tmp_path / script, *args],
            env={**os.environ, 'PATH': path, 'PORT': '0', 'GPUS': '2'},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        return sorted(result.stdout.splitlines())

    return run


def test_dist_test_starts_the_tool_on_every_rank(launch):
    """As test_dist shows of dist_train.sh."""
    files, options = ['CONFIG', 'CHECKPOINT'], ['--cfg-options', 'a="b c"']
    lines = launch('dist_test.sh', *files, '2', *options)
    received = [*files, '--launcher', 'pytorch', *options]
    assert lines == [f'0: {received}', f'1: {received}']


def test_slurm_launcher(launch, tmp_path):
    # Slurm itself is not here; the stand-in prints what it was asked.
    (tmp_path / 'srun').write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / 'srun').chmod(0o755)
    lines = launch('slurm_train.sh', 'PART', 'JOB', 'CONFIG', '--amp')
    for expected in ('--job-name=JOB', '--ntasks=2', 'CONFIG', '--amp'):
        assert expected in lines

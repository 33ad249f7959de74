import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.fileio import load

from mmsca.version import __version__

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


@pytest.mark.parametrize('name', ['configs', 'tools', 'model-index.yml'])
def test_mim_links_lead_to_the_files(name):
    link = ROOT / 'mmsca/.mim' / name
    assert link.is_symlink()
    assert link.resolve() == ROOT / name


@pytest.mark.parametrize('name', ['swav_r18_materials', 'swav_sca_r50'])
def test_configs_can_be_inherited_by_package_name(name, tmp_path):
    own = tmp_path / 'own.py'
    own.write_text(f"_base_ = 'mmsca::sca/{name}.py'\nlog_level = 'DEBUG'\n")
    inherited = Config.fromfile(own)
    original = Config.fromfile(ROOT / f'configs/sca/{name}.py')
    assert inherited.log_level == 'DEBUG'
    assert inherited.model.backbone.depth == original.model.backbone.depth
    assert inherited.train_cfg.max_epochs == original.train_cfg.max_epochs


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


def test_model_index_names_existing_configs():
    for file in load(ROOT / 'model-index.yml')['Import']:
        models = load(ROOT / file)['Models']
        assert models
        for model in models:
            assert (ROOT / model['Config']).is_file(), model['Name']


@pytest.fixture(scope='module')
def wheel(tmp_path_factory):
    """Names and sizes of the files in a wheel built from a clean copy."""
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
    with zipfile.ZipFile(file) as archive:
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
    for name in ('train.py', 'test.py'):
        (tmp_path / name).write_text(tool)

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


@pytest.mark.parametrize(
    'script, files',
    [
        ('dist_train.sh', ['CONFIG']),
        ('dist_test.sh', ['CONFIG', 'CHECKPOINT']),
    ],
)
def test_launcher_starts_the_tool_on_every_rank(launch, script, files):
    lines = launch(script, *files, '2', '--cfg-options', 'a="b c"')
    received = [*files, '--launcher', 'pytorch', '--cfg-options', 'a="b c"']
    assert lines == [f'0: {received}', f'1: {received}']


def test_slurm_launcher(launch, tmp_path):
    # Slurm itself is not here; the stand-in prints what it was asked.
    (tmp_path / 'srun').write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / 'srun').chmod(0o755)
    lines = launch('slurm_train.sh', 'PART', 'JOB', 'CONFIG', '--amp')
    for expected in ('--job-name=JOB', '--ntasks=2', 'CONFIG', '--amp'):
        assert expected in lines

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mmsca.apis.config import drop_inherited_scope
from mmsca.apis.configs import configs, copy_config
from mmsca.utils.config_file import read_config
from mmsca.utils.config_names import find_config
from mmsca.utils.errors import InputError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    'name',
    ['sca/swav_r50', 'sca/swav_r50.py', 'configs/sca/swav_r50.py'],
)
def test_a_name_is_found_from_anywhere(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config(name) == ROOT / 'configs/sca/swav_r50.py'
    monkeypatch.chdir(ROOT)
    assert find_config(name) == Path('configs/sca/swav_r50.py')


def test_a_path_that_exists_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = Path('sca/swav_r50.py')
    own.parent.mkdir()
    own.touch()
    assert find_config('sca/swav_r50.py') == own


@pytest.mark.parametrize(
    'name, found',
    [
        ('swav_sca_r18_folder', 'Did you mean sca/swav_sca_r18_folder? '),
        ('sca/swav_sca_r18_foldre.py', 'Did you mean sca/swav_sca_r18_fol'),
        ('gone.py', "'gone.py' does not exist. Expected"),
    ],
)
def test_a_wrong_name(name, found):
    with pytest.raises(InputError, match=re.escape(found)):
        find_config(name)


def test_configs_lists_names_and_what_they_are(capsys):
    configs(['linear', 'folder'])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        'classification/r18_linear_folder',
        'classification/timm_linear_folder',
    ]
    assert lines[0].endswith('your own class folders.')
    with pytest.raises(InputError, match='No config has xyz in its name'):
        configs(['xyz'])


@pytest.mark.parametrize(
    'name',
    [
        'comparisons/demo',  # a base in another folder
        'sca/swav_sca_r18_folder',  # and in the same
        'sca/methods/byol_sca_r18_materials',  # and in one above
        'detection/mask-rcnn_r18_fpn_materials',  # and of another package
    ],
)
def test_a_copy_is_the_same_config(name, tmp_path):
    copied = read_config(copy_config([name, str(tmp_path)]))
    config = read_config(find_config(name))
    for cfg in (copied, config):
        drop_inherited_scope(cfg._cfg_dict)
    assert copied.to_dict() == config.to_dict()


def test_a_copy_replaces_nothing(tmp_path):
    copy_config(['comparisons/demo', str(tmp_path)])
    with pytest.raises(InputError, match='exists and is not overwritten'):
        copy_config(['comparisons/demo', str(tmp_path)])
    with pytest.raises(InputError, match='is a file of yours'):
        copy_config([str(tmp_path / 'demo.py'), str(tmp_path / 'new')])


def test_the_commands_are_listed_without_torch(tmp_path):
    code = (
        'import sys; from mmsca.__main__ import main; main(); '
        "assert 'torch' not in sys.modules"
    )
    result = subprocess.run(
        [sys.executable, '-c', code, '--help'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert 'train' in result.stdout

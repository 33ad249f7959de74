import pytest

from mmsca.utils.errors import InputError
from mmsca.utils.places import check_file, check_folder


def test_folder_is_made(tmp_path):
    assert check_folder(tmp_path / 'a/b', '--work-dir').is_dir()
    assert not list((tmp_path / 'a/b').iterdir())


@pytest.mark.parametrize('below', ['', 'deeper/still'])
def test_folder_that_is_a_file(tmp_path, below):
    (tmp_path / 'x').touch()
    with pytest.raises(InputError, match="--work-dir.*/x' is a file"):
        check_folder(tmp_path / 'x' / below, '--work-dir')


def test_folder_that_cannot_be_written():
    with pytest.raises(InputError, match='nothing can be written'):
        check_folder('/proc/mmsca', '--work-dir')


def test_full_disk(tmp_path, monkeypatch):
    def full(**kwargs):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('tempfile.TemporaryFile', full)
    with pytest.raises(InputError, match='No space left on device'):
        check_folder(tmp_path, '--work-dir')


def test_file(tmp_path):
    check_file(tmp_path / 'new/a.json', '--out', ('.json',))
    with pytest.raises(InputError, match='--out.*a folder'):
        check_file(tmp_path / 'new', '--out', ('.json',))
    with pytest.raises(InputError, match='ends in .json or .pkl'):
        check_file(tmp_path / 'a.txt', '--out', ('.json', '.pkl'))

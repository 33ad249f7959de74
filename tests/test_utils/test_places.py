import pytest

from mmsca.utils.errors import InputError
from mmsca.utils.places import check_folder


def test_folder_is_made(tmp_path):
    assert check_folder(tmp_path / 'a/b', '--work-dir').is_dir()
    assert not list((tmp_path / 'a/b').iterdir())


def test_full_disk(tmp_path, monkeypatch):
    def full(**kwargs):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('tempfile.TemporaryFile', full)
    with pytest.raises(InputError, match='No space left on device'):
        check_folder(tmp_path, '--work-dir')

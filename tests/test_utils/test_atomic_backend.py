import os

import pytest
from mmengine.fileio import get_file_backend

from mmsca.utils import AtomicBackend


def test_is_known_by_name(tmp_path):
    backend = get_file_backend(
        str(tmp_path), backend_args=dict(backend='atomic')
    )
    assert isinstance(backend, AtomicBackend)


def test_replaces_a_file(tmp_path):
    path = tmp_path / 'new' / 'file.bin'
    for content in (b'one', b'two'):
        AtomicBackend().put(content, str(path))
        assert path.read_bytes() == content
    assert [p.name for p in path.parent.iterdir()] == ['file.bin']


@pytest.mark.parametrize('call', ['fsync', 'replace'])
def test_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch, call):
    path = tmp_path / 'file.bin'
    AtomicBackend().put(b'old', path)

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, call, stop)
        with pytest.raises(KeyboardInterrupt):
            AtomicBackend().put(b'new', path)
    assert path.read_bytes() == b'old'
    AtomicBackend().put(b'new', path)
    assert path.read_bytes() == b'new'
    assert [p.name for p in tmp_path.iterdir()] == ['file.bin']


def test_a_failed_write_leaves_nothing(tmp_path):
    (tmp_path / 'a').mkdir()
    with pytest.raises(OSError):
        AtomicBackend().put(b'x', tmp_path / 'a')
    assert [path.name for path in tmp_path.iterdir()] == ['a']

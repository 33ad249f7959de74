import os

import mmengine
import pytest
from mmengine.fileio import get_file_backend

from mmsca.utils.whole_file import ATOMIC, AtomicBackend, whole_file


def test_the_backend_of_checkpoints_is_known_by_name(tmp_path):
    backend = get_file_backend(
        str(tmp_path), backend_args=dict(backend='atomic')
    )
    assert isinstance(backend, AtomicBackend)
    path = tmp_path / 'new' / 'file.bin'
    for content in (b'one', b'two'):
        backend.put(content, str(path))
        assert path.read_bytes() == content
    assert [p.name for p in path.parent.iterdir()] == ['file.bin']


@pytest.mark.parametrize('call', ['fsync', 'replace'])
def test_a_write_that_fails_leaves_the_old_file_alone(
    tmp_path, monkeypatch, call
):
    path = tmp_path / 'file.bin'
    path.write_bytes(b'old')

    def fail(*args, **kwargs):
        raise OSError('no space left')

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match='no space'), whole_file(path) as part:
        part.write_bytes(b'new')
    assert path.read_bytes() == b'old'
    assert [p.name for p in tmp_path.iterdir()] == ['file.bin']


def test_what_a_killed_writer_left_is_replaced(tmp_path):
    with whole_file(tmp_path / 'file') as part:
        name = part.name
        part.write_bytes(b'')
    (tmp_path / name).write_bytes(b'half of something longer')
    with whole_file(tmp_path / 'file') as part:
        part.write_bytes(b'whole')
    assert (tmp_path / 'file').read_bytes() == b'whole'
    assert [p.name for p in tmp_path.iterdir()] == ['file']


def test_a_folder_in_its_place_stays(tmp_path):
    (tmp_path / 'a').mkdir()
    with pytest.raises(OSError), whole_file(tmp_path / 'a') as part:
        part.write_bytes(b'x')
    assert [path.name for path in tmp_path.iterdir()] == ['a']


@pytest.mark.parametrize('suffix', ['.json', '.yaml', '.pkl'])
def test_results_are_written_whole(tmp_path, monkeypatch, suffix):
    path = tmp_path / f'knn{suffix}'
    mmengine.dump(dict(top1=50), str(path), backend_args=ATOMIC)

    def fail(*args, **kwargs):
        raise OSError('no space left')

    with monkeypatch.context() as patch:
        patch.setattr(os, 'replace', fail)
        with pytest.raises(OSError, match='no space'):
            mmengine.dump(dict(top1=60), str(path), backend_args=ATOMIC)
    assert mmengine.load(str(path)) == dict(top1=50)

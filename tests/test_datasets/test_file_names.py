import gc
import os
import pickle

import pytest

from mmsca.datasets.file_names import FileNames, scan

NAMES = ['a/1.jpg', 'ä ö/雪.png', 'b.tif', '']


def packed(names):
    return FileNames(os.fsencode(''.join(f'{name}\n' for name in names)))


def test_is_the_list_that_it_packs():
    names = packed(NAMES)
    assert list(names) == NAMES and len(names) == len(NAMES)
    for index in range(-len(NAMES), len(NAMES)):
        assert names[index] == NAMES[index]
    for index in (-len(NAMES) - 1, len(NAMES)):
        with pytest.raises(IndexError):
            names[index]
    assert list(packed([])) == []


def test_a_pickle_holds_the_text_and_an_integer_per_name():
    listed = [f'n{i // 1000:08d}/{i}.JPEG' for i in range(100_000)]
    names = packed(listed)
    code = pickle.dumps(names)
    assert len(code) < names.text.nbytes + names.ends.nbytes + 1000
    gc.collect()
    before = len(gc.get_objects())
    copy = pickle.loads(code)
    assert len(gc.get_objects()) - before < 50
    assert copy[77_777] == listed[77_777] and len(copy) == len(listed)


def test_scan_is_sorted_as_strings_are(tmp_path):
    # Characters below and above the slash, next to a folder's name.
    files = [
        'a/z.jpg', 'a-1.jpg', 'a.jpg', 'a0.jpg', 'a/b/c.jpg', 'a/b-.jpg',
        'a b/x.PNG', 'é/1.jpg', 'Z/1.jpg', 'a/.hidden.jpg', '.b/seen.jpg',
        'notes.txt', 'jpg', '.jpg', 'a.jpg.d/1.jpg',
    ]  # fmt: skip
    for file in files:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    left_out = {'a/.hidden.jpg', 'notes.txt', 'jpg', '.jpg'}
    assert list(scan(str(tmp_path), ('.jpg', '.png'))) == sorted(
        set(files) - left_out
    )


def test_scan_follows_links(tmp_path):
    (tmp_path / 'elsewhere').mkdir()
    (tmp_path / 'elsewhere/1.jpg').touch()
    root = tmp_path / 'root'
    root.mkdir()
    (root / 'folder').symlink_to(tmp_path / 'elsewhere')
    (root / 'file.jpg').symlink_to(tmp_path / 'elsewhere/1.jpg')
    (root / 'broken.jpg').symlink_to(tmp_path / 'nowhere.jpg')
    assert list(scan(str(root), ('.jpg',))) == ['file.jpg', 'folder/1.jpg']

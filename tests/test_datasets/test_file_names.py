import gc
import os
import pickle

import pytest

from mmsca.datasets.file_names import FileNames

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

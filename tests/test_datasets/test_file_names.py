import os

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

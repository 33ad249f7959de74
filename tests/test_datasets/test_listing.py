from pathlib import Path

import pytest

from mmsca.datasets import listing
from mmsca.datasets.listing import (
    blame_listing,
    listed_names,
    names_text,
)
from mmsca.utils.errors import InputError

NAMES = ['a/1.jpg', 'a/2.png', 'b.jpg']
EXTENSIONS = ('.png', '.jpg')


@pytest.fixture
def folder(touch):
    return touch(*(f'images/{name}' for name in NAMES)) / 'images'


@pytest.fixture
def file(tmp_path):
    return tmp_path / 'lists' / 'images.txt'


def test_is_written_once_and_read_after_that(folder, file, monkeypatch):
    assert list(listed_names(file, folder, EXTENSIONS)) == NAMES
    assert file.read_text().splitlines() == [
        f'Images (.jpg .png) of {folder}: 3',
        *NAMES,
    ]
    monkeypatch.delattr(listing, 'find_images')
    assert list(listed_names(file, folder, EXTENSIONS)) == NAMES


def test_a_scan_that_stops_leaves_no_listing(folder, file, monkeypatch):
    def interrupted(*_):
        yield NAMES[0]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(listing, 'find_images', interrupted)
        with pytest.raises(KeyboardInterrupt):
            listed_names(file, folder, EXTENSIONS)
    assert not file.exists()
    assert list(listed_names(file, folder, EXTENSIONS)) == NAMES


@pytest.mark.parametrize('kept', [1, 5, 9, 14])
def test_a_truncated_listing(folder, file, kept):
    listed_names(file, folder, EXTENSIONS)
    head, _, text = file.read_bytes().partition(b'\n')
    file.write_bytes(head + b'\n' + text[:kept])
    with pytest.raises(InputError, match='not whole.*of 3 names. Remove it'):
        listed_names(file, folder, EXTENSIONS)


def test_a_listing_of_something_else(folder, file):
    listed_names(file, folder, EXTENSIONS)
    with pytest.raises(InputError, match='not a listing of .*/a'):
        listed_names(file, folder / 'a', EXTENSIONS)
    with pytest.raises(InputError, match=r'start with .*\(\.jpg\) of'):
        listed_names(file, folder, ('.jpg',))
    for content in (b'', b'a/1.jpg\n', b'\xff\xd8\x00'):
        file.write_bytes(content)
        with pytest.raises(InputError, match='remove this one'):
            listed_names(file, folder, EXTENSIONS)
        assert file.read_bytes() == content


def test_nothing_to_list(touch, file):
    root = touch('notes.txt')
    with pytest.raises(
        InputError, match='holds no image.*1 .txt.*.jpg, .png.*root'
    ):
        listed_names(file, root, EXTENSIONS)
    assert not file.exists()


def test_a_name_of_two_lines(touch):
    with pytest.raises(InputError, match='has a line break. Rename'):
        names_text(touch('c\nd.jpg'), EXTENSIONS)


def say_it(path):
    """As a transform does whose errors are sentences."""
    try:
        path.read_bytes()
    except OSError as error:
        raise InputError(f'{path} cannot be read.') from error


@pytest.mark.parametrize('read', [Path.read_bytes, say_it])
def test_missing_files(tmp_path, read):
    missing = tmp_path / 'gone.jpg'
    with pytest.raises(InputError, match='list.txt.*gone.jpg.*anew'):
        with blame_listing('list.txt'):
            read(missing)
    # Other errors, and those without a listing, are left as they are.
    for listing_file, path in (('', missing), ('list.txt', tmp_path)):
        with pytest.raises((OSError, InputError)) as found:
            with blame_listing(listing_file):
                read(path)
        assert 'listing' not in str(found.value)

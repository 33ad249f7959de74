import copy
import os
import pickle

import cv2
import numpy as np
import PIL
import pytest
import torchvision
from mmcv.transforms import LoadImageFromFile

from mmsca.datasets import decoded_images as module
from mmsca.datasets.decoded_images import decoded_images
from mmsca.datasets.file_names import FileNames
from mmsca.utils.errors import InputError

NAMES = ['a/0.png', 'a/1.jpg', 'b.png']


@pytest.fixture
def folder(tmp_path):
    """A grey and two colour images, each of another size."""
    rng = np.random.default_rng(0)
    folder = tmp_path / 'images'
    (folder / 'a').mkdir(parents=True)
    for name, shape in zip(NAMES, [(5, 7, 3), (9, 4), (1, 2, 3)], strict=True):
        image = rng.integers(256, size=shape, dtype=np.uint8)
        cv2.imwrite(str(folder / name), image)
    return folder


@pytest.fixture
def file(tmp_path):
    return tmp_path / 'caches' / 'images'


def cached(file, folder, names=NAMES):
    text = os.fsencode(''.join(f'{name}\n' for name in names))
    return decoded_images(file, folder, FileNames(text))


def assert_are_decoded(images, folder, names=NAMES):
    assert len(images) == len(names)
    for image, name in zip(images, names, strict=True):
        expected = LoadImageFromFile()(dict(img_path=str(folder / name)))
        np.testing.assert_array_equal(image, expected['img'])
        assert image.dtype == np.uint8


@pytest.fixture
def count_decodings(monkeypatch):
    """Paths that were decoded."""
    paths, decode = [], module._decode
    monkeypatch.setattr(
        module, '_decode', lambda path: paths.append(path) or decode(path)
    )
    return paths


def test_images_are_those_of_the_pipeline(file, folder, count_decodings):
    assert_are_decoded(cached(file, folder), folder)
    assert_are_decoded(cached(file, folder), folder)
    assert len(count_decodings) == len(NAMES)
    pixels = 3 * (5 * 7 + 9 * 4 + 1 * 2)
    head = file.read_bytes().index(b'\n') + 1
    assert file.stat().st_size == head + 16 * len(NAMES) + pixels
    # They are views of one map, to be read alone.
    images = cached(file, folder)
    for image in images:
        assert not image.flags.writeable and not image.flags.owndata
        assert np.shares_memory(image, images.pixels)


@pytest.mark.parametrize(
    'copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_open_the_file_again(file, folder, copied):
    images = cached(file, folder)
    assert len(pickle.dumps(images)) < 1000
    assert_are_decoded(copied(images), folder)


def test_a_copy_of_what_was_replaced(file, folder):
    code = pickle.dumps(cached(file, folder))
    os.utime(folder / 'b.png', ns=(1, 1))
    cached(file, folder)
    with pytest.raises(InputError, match='was changed in use'):
        pickle.loads(code)


def add(folder):
    cv2.imwrite(str(folder / 'c.png'), np.ones((2, 2, 3), np.uint8))


def resize(folder):
    stat = (folder / 'b.png').stat()
    cv2.imwrite(str(folder / 'b.png'), np.ones((40, 40, 3), np.uint8))
    os.utime(folder / 'b.png', ns=(stat.st_atime_ns, stat.st_mtime_ns))


def touch(folder):
    os.utime(folder / 'b.png', ns=(1, 1))


def remove(folder):
    (folder / 'b.png').unlink()


@pytest.mark.parametrize('change', [add, resize, touch, remove])
def test_changed_files_are_decoded_anew(file, folder, change, count_decodings):
    before = cached(file, folder)
    kept = [image.copy() for image in before]
    change(folder)
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob('*.*')
        if path.is_file()
    )
    assert_are_decoded(cached(file, folder, names), folder, names)
    assert len(count_decodings) == len(NAMES) + len(names)
    # Who still uses the old file keeps it.
    for image, expected in zip(before, kept, strict=True):
        np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize('decoder', [PIL, torchvision])
def test_a_decoder_of_another_version(decoder, file, folder, monkeypatch):
    cached(file, folder)
    before = file.read_bytes()
    monkeypatch.setattr(decoder, '__version__', '0.0')
    assert_are_decoded(cached(file, folder), folder)
    after = file.read_bytes()
    assert after[-100:] == before[-100:] and after != before


def test_decoding_that_stops_leaves_no_cache(file, folder, monkeypatch):
    decode = module._decode

    def interrupted(path):
        if path.name == 'b.png':
            raise KeyboardInterrupt
        return decode(path)

    with monkeypatch.context() as patch:
        patch.setattr(module, '_decode', interrupted)
        with pytest.raises(KeyboardInterrupt):
            cached(file, folder)
    assert not file.exists()
    assert_are_decoded(cached(file, folder), folder)


@pytest.mark.parametrize('content', [b'', b'no image'])
def test_an_image_that_can_not_be_decoded(file, folder, content):
    (folder / 'b.png').write_bytes(content)
    with pytest.raises(InputError, match="b.png' cannot be read.*Replace"):
        cached(file, folder)
    assert not file.exists()


def test_what_is_something_else_is_not_overwritten(file, folder):
    cached(file, folder)
    before = file.read_bytes()
    with pytest.raises(InputError, match='Name another file in `cache`'):
        cached(file, folder / 'a', ['0.png'])
    assert file.read_bytes() == before
    for content in (b'', before[:10], b'\xff\xd8' * 1000):
        file.write_bytes(content)
        with pytest.raises(InputError, match='is not overwritten'):
            cached(file, folder)
        assert file.read_bytes() == content


@pytest.mark.parametrize('cut', [1, 6, 219, 230, 260])
def test_a_truncated_cache(file, folder, cut):
    cached(file, folder)
    file.write_bytes(file.read_bytes()[:-cut])
    with pytest.raises(InputError, match='is not whole.*Remove it'):
        cached(file, folder)

"""What is made of each kind of image, by every road to its pixels."""

from zlib import crc32

import cv2
import numpy as np
import pytest
from mmcv.transforms import LoadImageFromFile
from PIL import Image

from mmsca.datasets import ImageFolder
from mmsca.datasets.transforms import LoadImage, MultiCrop
from mmsca.utils.errors import InputError
from mmsca.utils.image_file import ImageFile
from mmsca.visualization.panels import read_image

SIDE = 16
BROWN, BLUE = (200, 100, 50), (10, 20, 30)


def halves(left, right, dtype=np.uint8):
    """A picture whose left half has one value and whose right another."""
    image = np.empty((SIDE, SIDE, *np.shape(left)), dtype)
    image[:, : SIDE // 2], image[:, SIDE // 2 :] = left, right
    return image


def pil(*args, **options):
    """How Pillow writes `halves` of its own modes."""
    image = Image.fromarray(halves(*args))
    return lambda path: image.save(path, **options)


def opencv(*args):
    return lambda path: cv2.imwrite(path, halves(*args))


def converted(mode, left, right):
    image = Image.fromarray(halves(left, right)).convert(mode)
    return lambda path: image.save(path)


def palette(**options):
    image = Image.fromarray(halves(0, 1), 'P')
    image.putpalette([*BROWN, *BLUE])
    return lambda path: image.save(path, **options)


def cmyk(path):
    bands = [Image.fromarray(halves(*pair)) for pair in CMYK]
    Image.merge('CMYK', bands).save(path)


# Of each channel the left and the right half.
CMYK = (0, 255), (255, 0), (128, 0), (51, 0)
BLACK = Image.new('RGB', (SIDE, SIDE))
ANIMATED = dict(save_all=True, append_images=[BLACK])
WEBP = dict(lossless=True, exact=True)

# Ending of the file, how it is written, the left and the right half as read.
KINDS = {
    '8 bits': ('png', pil(BROWN, BLUE), BROWN, BLUE),
    '16 bits': (
        'png',
        opencv((12800, 25855, 51455), (0, 256, 65535), np.uint16),
        (200, 100, 50),
        (255, 1, 0),
    ),
    'grey': ('png', pil(100, 7), 100, 7),
    'grey of 1 bit': ('png', converted('1', 255, 0), 255, 0),
    # 25855 / 257 is nearer to 101.
    'grey of 16 bits': ('png', pil(25855, 65535, np.uint16), 100, 255),
    'grey of 16 bits, TIFF': ('tif', pil(25855, 255, np.uint16), 100, 0),
    'grey of 16 bits, big-endian': ('tif', pil(25855, 255, '>u2'), 100, 0),
    'grey of 16 bits, PGM': ('pgm', opencv(25855, 65535, 'u2'), 100, 255),
    'grey of 32 bits': ('tif', pil(-1000, 10**6, np.int32), 0, 255),
    'grey of floats': ('tif', pil(-0.5, 1e4, 'f4'), 0, 255),
    'grey of equal floats': ('tif', pil(3, 3, 'f4'), 0, 0),
    'grey and alpha': ('png', pil((100, 0), (7, 255)), 100, 7),
    'colour and alpha': ('png', pil((*BROWN, 0), (*BLUE, 9)), BROWN, BLUE),
    'palette': ('png', palette(), BROWN, BLUE),
    'one transparent': ('png', palette(transparency=0), BROWN, BLUE),
    'palette and alpha': ('png', palette(transparency=b'\0\x80'), BROWN, BLUE),
    'CMYK': ('tif', cmyk, (204, 0, 102), (0, 255, 255)),
    'WebP': ('webp', pil(BROWN, BLUE, **WEBP), BROWN, BLUE),
    'WebP and alpha': (
        'webp',
        pil((*BROWN, 0), (*BLUE, 9), **WEBP),
        BROWN,
        BLUE,
    ),
    'GIF': ('gif', palette(), BROWN, BLUE),
    'animated GIF': ('gif', palette(**ANIMATED), BROWN, BLUE),
    'animated PNG': ('png', pil(BROWN, BLUE, **ANIMATED), BROWN, BLUE),
    'animated WebP': (
        'webp',
        pil(BROWN, BLUE, **ANIMATED, **WEBP),
        BROWN,
        BLUE,
    ),
}


CROP = MultiCrop(num_crops=[1], sizes=[SIDE], scales=[(1.0, 1.0)])


def views(path):
    """The whole image as the view of MultiCrop, RGB."""
    (view,) = CROP(dict(img_path=path))['inputs']
    return view.permute(1, 2, 0).numpy()


@pytest.mark.filterwarnings('error:Palette images with Transparency')
@pytest.mark.parametrize('kind', KINDS)
def test_every_road_gives_the_same_pixels(kind, tmp_path):
    ending, write, left, right = KINDS[kind]
    path = str(tmp_path / f'a.{ending}')
    write(path)
    expected = halves(np.broadcast_to(left, 3), np.broadcast_to(right, 3))
    cached = ImageFolder(str(tmp_path), cache=str(tmp_path / 'cache'))
    for found in (
        LoadImage()(dict(img_path=path))['img'][..., ::-1],
        cached[0]['img'][..., ::-1],
        views(path),
        read_image(path),
    ):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.uint8


def test_values_between_are_in_proportion(tmp_path):
    path = str(tmp_path / 'a.tif')
    Image.fromarray(np.array([[-2.0, -1.0, 0.0, 2.0]], 'f4')).save(path)
    found = ImageFile(path).decode()[0, :, 0]
    assert found.tolist() == [0, 64, 128, 255]  # 63.75, 127.5


def exif(orientation):
    found = Image.Exif()
    found[0x0112] = orientation
    return found


@pytest.mark.parametrize(
    'options',
    [{}, dict(progressive=True), *(dict(exif=exif(i)) for i in range(2, 9))],
)
@pytest.mark.parametrize('subsampling', [0, 1, 2])
@pytest.mark.parametrize('mode', ['RGB', 'L'])
def test_jpegs_are_those_of_opencv(mode, subsampling, options, tmp_path):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (67, 101, 3), dtype=np.uint8)
    path = str(tmp_path / 'a.jpg')
    image = Image.fromarray(noise).convert(mode)
    image.save(path, quality=80, subsampling=subsampling, **options)
    found = LoadImage()(dict(img_path=path))
    expected = LoadImageFromFile()(dict(img_path=path))
    np.testing.assert_array_equal(found.pop('img'), expected.pop('img'))
    assert found == expected


# What the upright image is, for each orientation, of the stored one.
UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: np.rot90,
}


@pytest.mark.parametrize('ending', ['png', 'tif', 'webp'])
@pytest.mark.parametrize('orientation', UPRIGHT)
def test_upright_and_as_stored(orientation, ending, tmp_path):
    path = str(tmp_path / f'a.{ending}')
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 256, (4, 7, 3), dtype=np.uint8)
    options = WEBP if ending == 'webp' else {}
    Image.fromarray(stored).save(path, exif=exif(orientation), **options)
    expected = UPRIGHT[orientation](stored)
    file = ImageFile(path)
    assert file.size == expected.shape[1::-1]
    assert file.stored_size == (7, 4)
    np.testing.assert_array_equal(file.decode(), expected)
    found = ImageFile(path).decode(upright=False)
    np.testing.assert_array_equal(found, stored)


@pytest.mark.parametrize('broken', [0, 9, 'six', (6, 6), b'x', 1.5])
def test_an_orientation_that_is_none_is_upright(broken, monkeypatch, tmp_path):
    path = str(tmp_path / 'a.png')
    Image.new('RGB', (3, 2)).save(path)
    exif = Image.Exif()
    monkeypatch.setattr(exif, 'get', lambda *_: broken)
    monkeypatch.setattr(Image.Image, 'getexif', lambda self: exif)
    assert ImageFile(path).size == (3, 2)


def test_broken_exif_leaves_the_pixels(tmp_path):
    path = str(tmp_path / 'a.jpg')
    data = b'Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff'
    Image.new('RGB', (8, 6), BROWN).save(path, exif=data)
    assert ImageFile(path).decode().shape == (6, 8, 3)


def lies(path):
    """A header of 100 x 100 pixels before the data of 4 x 4."""
    Image.new('RGB', (4, 4)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (100).to_bytes(4, 'big') * 2
    data[29:33] = crc32(data[12:29]).to_bytes(4, 'big')
    path.write_bytes(data)


def huge(path):
    """20,000 x 20,000 pixels of 1 bit, in 50 kB."""
    Image.new('1', (20_000, 20_000)).save(path)


def not_finite(path):
    image = Image.fromarray(halves(np.nan, 1, 'f4'))
    image.save(path, 'TIFF')


def cut_off(format, length):
    """The first bytes of an image."""

    def write(path):
        noise = np.random.default_rng(0).integers(0, 256, (99, 99, 3))
        Image.fromarray(noise.astype(np.uint8)).save(path, format)
        path.write_bytes(path.read_bytes()[:length])

    return write


BROKEN = [
    (lies, 'truncated'),
    (huge, '400000000 pixels'),
    (not_finite, 'not finite'),
    (lambda path: path.mkdir(), 'directory'),
    (lambda path: None, 'No such file'),
    (cut_off('PNG', 0), 'of no format'),
    (cut_off('PNG', 20), ''),
    (cut_off('PNG', 2000), ''),
    (cut_off('JPEG', 100), ''),
    (cut_off('JPEG', 2000), ''),
    (lambda path: path.write_bytes(b'not an image'), 'of no format'),
]


@pytest.mark.parametrize('write, why', BROKEN)
def test_what_cannot_be_read_is_named(write, why, tmp_path):
    path = tmp_path / 'a.png'
    write(path)
    sentence = f"a.png' cannot be read.*{why}.*Replace"
    for transform in (LoadImage(), CROP):
        with pytest.raises(InputError, match=sentence):
            transform(dict(img_path=str(path)))

import numpy as np
import pytest
from PIL import Image

from mmsca.utils.errors import InputError
from mmsca.visualization.panels import compare_pictures, read_image

COLORS = dict(left=(200, 0, 0), right=(0, 0, 200))


@pytest.fixture
def folders(tmp_path):
    """Two folders of pictures in one colour each, three names shared."""
    for folder, color in COLORS.items():
        (tmp_path / folder).mkdir()
        for name in ('a', 'b', 'c', folder):
            image = Image.new('RGB', (40, 20), color)
            image.save(tmp_path / folder / f'{name}.png')
    return {folder: tmp_path / folder for folder in COLORS}


def centres(image, rows, top):
    """Colour in the centre of every panel below the headings."""
    height, width = image.shape[:2]
    ys = [top + (height - top) * (i + 0.5) / rows for i in range(rows)]
    return [[tuple(image[int(y), width * x // 4]) for x in (1, 3)] for y in ys]


@pytest.mark.parametrize('limit, rows', [(2, 2), (6, 3)])
def test_shared_pictures_stand_side_by_side(folders, tmp_path, limit, rows):
    out = tmp_path / 'grid.png'
    compare_pictures(folders, out, limit)
    image = read_image(out)
    # Panels of 3.6 inches with the ratio of the pictures, 0.4 of headings.
    height = round((3.6 * 20 / 40 * rows + 0.4) * 150)
    assert image.shape == (height, 2 * 3.6 * 150, 3)
    expected = [list(COLORS.values())] * rows
    assert centres(image, rows, top=60) == expected


def test_headings_are_written_on_white(folders, tmp_path):
    compare_pictures(folders, tmp_path / 'grid.png')
    head = read_image(tmp_path / 'grid.png')[:40]
    for half in np.split(head, 2, axis=1):
        assert half.min() < 60
        assert (half == 255).all(axis=2).mean() > 0.8


def test_nothing_shared_names_the_folders(folders):
    for name in 'abc':
        (folders['right'] / f'{name}.png').unlink()
    with pytest.raises(InputError, match='no picture .*left.*right'):
        compare_pictures(folders, folders['left'] / 'grid.png')

"""One check of the XML files of Pascal VOC."""

import math
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from mmsca.datasets.present_files import missing_files
from mmsca.utils.errors import InputError


def read_list(file: Path) -> list[str]:
    """Names of the images that a list of VOC names, one per line.

    Raises:
        InputError: If it is missing or empty.
    """
    if not file.is_file():
        raise InputError(
            f'{file} does not exist. Set `ann_file` to a list of VOC, such as '
            'ImageSets/Main/trainval.txt.'
        )
    # Lists of a class have a second column.
    lines = file.read_text().splitlines()
    names = [line.split()[0] for line in lines if line.strip()]
    if not names:
        raise InputError(f'{file} is empty. Expected one image per line.')
    return names


def check_images(folder: Path, names: Sequence[str], source: Path) -> None:
    """Refuse the list `source` if images NAME.jpg of it are missing."""
    missing = missing_files(folder, [f'{name}.jpg' for name in names])
    if missing:
        raise InputError(
            f'{folder / missing[0]} of {source} does not exist; '
            f'{len(missing)} of {len(names)} images are missing. Set '
            '`data_root` to the root of the data set.'
        )


def read_objects(path: Path) -> tuple[tuple[int, int] | None, list[tuple]]:
    """Read the XML file of an image.

    Returns:
        tuple[tuple | None, list[tuple]]: Width and height, or None where the
        file lacks them; and of each object its name and box [x0, y0, x1, y1]
        from 0, x1 and y1 exclusive.

    Raises:
        InputError: If it cannot be read, or a box covers nothing.
    """
    try:
        tree = ElementTree.parse(path)
        size = None
        if tree.find('size') is not None:
            width, height = (
                int(tree.findtext(f'size/{k}')) for k in ('width', 'height')
            )
            size = width, height
        return size, [_object(item, size) for item in tree.iter('object')]
    except OSError as error:
        raise InputError(
            f'{path} cannot be read ({error.strerror}). Every name of '
            '`ann_file` needs its Annotations/NAME.xml.'
        ) from error
    except (
        ElementTree.ParseError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        raise InputError(
            f'{path} is not an annotation of Pascal VOC: {error}. Each '
            '`object` needs a `name` and a `bndbox`.'
        ) from error


def _object(
    item: ElementTree.Element, size: tuple[int, int] | None
) -> tuple[str, list[float]]:
    # Some boxes of VOC have fractions. Pixels are counted from 1.
    x0, y0, x1, y1 = (
        float(item.findtext(f'bndbox/{k}'))
        for k in ('xmin', 'ymin', 'xmax', 'ymax')
    )
    name, box = item.findtext('name').strip(), [x0 - 1, y0 - 1, x1, y1]
    if not all(map(math.isfinite, box)) or not in_image(box, size):
        raise ValueError(
            f'the box {x0:g}, {y0:g}, {x1:g}, {y1:g} of {name} covers '
            f'nothing of an image of width and height {size}'
        )
    return name, box


def in_image(box: list[float], size: tuple[int, int] | None) -> bool:
    """Whether a box [x0, y0, x1, y1] covers any of an image of that size."""
    x0, y0, x1, y1 = box
    width, height = size or (math.inf, math.inf)
    return min(x1, width) > max(x0, 0) and min(y1, height) > max(y0, 0)

"""Tiny ImageNet as Stanford's CS231n lays it out, with its boxes.

.. code-block:: text

    ROOT/
      wnids.txt                    the classes: a line WNID for each
      train/WNID/WNID_boxes.txt    a line NAME x0 y0 x1 y1 per image
      train/WNID/images/NAME
      val/val_annotations.txt      a line NAME WNID x0 y0 x1 y1 per image
      val/images/NAME

Tabs separate the fields; x1 and y1 belong to a box. The official test split
has no labels, so that val is tested on. The last tenth of the training images
of each class becomes val.
"""

from pathlib import Path

from mmsca.datasets.classes import class_names, refuse_unknown
from mmsca.utils.errors import InputError

CLASSES = 'wnids.txt'
ANNOTATIONS = 'val/val_annotations.txt'
BOX = ['x0', 'y0', 'x1', 'y1']


def read_tiny_imagenet(root: Path) -> tuple[list, dict, dict]:
    """Read the text files.

    Returns:
        tuple[list, dict, dict]: The classes, in alphabetic order; split of
        each image, by its path below `root`; and of each image a list of
        its one object: class, and box [x0, y0, x1, y1] in pixels with
        exclusive x1, y1.

    Raises:
        InputError: If a file is missing, a line is not as above or of an
            unknown class, or a box covers nothing.
    """
    classes = sorted(class_names(root / CLASSES))
    splits, objects = {}, {}
    for name in classes:
        folder = Path('train', name)
        rows = _rows(root / folder / f'{name}_boxes.txt', ['NAME', *BOX])
        for number, (image, *box) in enumerate(rows):
            image = str(folder / 'images' / image)
            last = number >= len(rows) - len(rows) // 10
            splits[image] = 'val' if last else 'train'
            objects[image] = [(name, box)]
    rows = _rows(root / ANNOTATIONS, ['NAME', 'WNID', *BOX])
    refuse_unknown([row[1] for row in rows], classes, root / ANNOTATIONS)
    for image, name, *box in rows:
        image = str(Path('val/images', image))
        splits[image] = 'test'
        objects[image] = [(name, box)]
    return classes, splits, objects


def _rows(file: Path, fields: list[str]) -> list[list]:
    """The fields of each line; x1 and y1 become exclusive."""
    if not file.is_file():
        raise InputError(
            f"'{file}' is missing. Expected Tiny ImageNet as its archive "
            f'unpacks, with boxes for each class of {CLASSES}.'
        )
    rows = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            *names, x0, y0, x1, y1 = line.split('\t')
            x0, y0, x1, y1 = int(x0), int(y0), int(x1) + 1, int(y1) + 1
            if len(names) + 4 != len(fields) or not (x0 < x1 and y0 < y1):
                raise ValueError
        except ValueError:
            raise InputError(
                f"'{file}', line {number}: expected {' '.join(fields)} with "
                f'tabs between them, x0 <= x1 and y0 <= y1, got {line!r}.'
            ) from None
        rows.append([*names, x0, y0, x1, y1])
    if not rows:
        raise InputError(f"'{file}' is empty. Expected a line per image.")
    return rows

"""CUB-200-2011 as Caltech lays it out, with its boxes.

.. code-block:: text

    ROOT/
      classes.txt             a line NUMBER CLASS for each
      images.txt              a line ID CLASS/NAME per image
      image_class_labels.txt  a line ID NUMBER
      train_test_split.txt    a line ID 1, or ID 0 for the test split
      bounding_boxes.txt      a line ID x y width height, in pixels
      images/CLASS/NAME

The last tenth of the training images of each class becomes val.
"""

from collections import defaultdict
from pathlib import Path

from mmsca.utils.errors import InputError

SPLIT = 'train_test_split.txt'


def read_cub(root: Path) -> tuple[list, dict, dict]:
    """Read the text files; see :mod:`mmsca.datasets.tiny_imagenet`.

    Raises:
        InputError: If a file is missing, a line is not as above, or an image
            of images.txt is in no other file.
    """
    names = _table(root / 'classes.txt', str)
    images = _table(root / 'images.txt', str)
    labels = _table(root / 'image_class_labels.txt', str)
    training = _table(root / SPLIT, int)
    boxes = _table(root / 'bounding_boxes.txt', float, float, float, float)
    of_class = defaultdict(list)
    splits, objects = {}, {}
    for number, (image,) in images.items():
        try:
            (label,), (is_training,) = labels[number], training[number]
            (name,), (x, y, width, height) = names[label], boxes[number]
        except KeyError:
            raise InputError(
                f"Image {number} of '{root / 'images.txt'}' lacks a class, a "
                'split or a box in the files beside it. Unpack the archive '
                'anew.'
            ) from None
        image = f'images/{image}'
        splits[image] = 'train' if is_training else 'test'
        objects[image] = [(name, [x, y, x + width, y + height])]
        if is_training:
            of_class[name].append(image)
    for found in of_class.values():
        for image in found[len(found) - len(found) // 10 :]:
            splits[image] = 'val'
    return sorted(name for (name,) in names.values()), splits, objects


def _table(file: Path, *kinds: type) -> dict[str, tuple]:
    """Lines of an id and fields, by id."""
    if not file.is_file():
        raise InputError(
            f"'{file}' is missing. Expected CUB-200-2011 as its archive "
            'unpacks.'
        )
    rows = {}
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            key, *fields = line.split()
            pairs = zip(kinds, fields, strict=True)
            rows[key] = tuple(kind(field) for kind, field in pairs)
        except ValueError:
            raise InputError(
                f"'{file}', line {number}: expected an id and {len(kinds)} "
                f'fields, got {line!r}.'
            ) from None
    return rows

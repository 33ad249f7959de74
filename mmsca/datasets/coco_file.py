"""One check of a file in COCO's instances format, before anything starts."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from mmsca.datasets.present_files import missing_files
from mmsca.utils.errors import InputError

LISTS = ('images', 'annotations', 'categories')


class Field(NamedTuple):
    """A field of an entry.

    Attributes:
        name (str): The field.
        fits (Callable): Whether a value can be used.
        expected (str): What a value should be.
    """

    name: str
    fits: Callable[[object], bool]
    expected: str


def is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def is_id(value: object) -> bool:
    return type(value) is int or (
        type(value) is float and value.is_integer()  # as pandas writes them
    )


def is_text(value: object) -> bool:
    return type(value) is str and value != ''


def is_size(value: object) -> bool:
    return is_number(value) and value >= 1


def is_box(value: object) -> bool:
    return (
        type(value) is list and len(value) == 4 and all(map(is_number, value))
    )


def is_mask(value: object) -> bool:
    if type(value) is dict:
        return 'counts' in value and 'size' in value
    return type(value) is list and any(map(is_polygon, value))


def is_polygon(value: object) -> bool:
    return type(value) is list and len(value) >= 6 and len(value) % 2 == 0


ID = Field('id', is_id, 'an integer')
CATEGORY = (ID, Field('name', is_text, 'a text'))
IMAGE = (
    ID,
    Field('file_name', is_text, 'a text'),
    Field('width', is_size, 'a number of pixels'),
    Field('height', is_size, 'a number of pixels'),
)
# What localization by maps reads, and what boxes and masks of a detector
# need as well. A box may be degenerate: a detector leaves it out.
OBJECT = (
    Field('image_id', is_id, 'an integer'),
    Field('category_id', is_id, 'an integer'),
    Field('bbox', is_box, '[x, y, width, height], four finite numbers'),
)
BOX = (ID, *OBJECT, Field('area', is_number, 'a finite number'))
MASK = (
    *BOX,
    Field('segmentation', is_mask, 'polygons or RLE, as masks are trained'),
)


def read_coco(file: Path) -> dict:
    """Read a JSON file with the three lists of `LISTS`.

    Raises:
        InputError: If it is of another format.
        OSError: If it cannot be read; tools name the field that led to it.
    """
    try:
        content = json.loads(file.read_bytes())
    except ValueError as error:
        raise InputError(f"'{file}' is not a JSON file: {error}.") from error
    for key in LISTS:
        entries = content.get(key) if isinstance(content, dict) else None
        if not entries or not isinstance(entries, list):
            raise InputError(
                f"'{file}' has no list '{key}'. Expected the instances format "
                f'of COCO: lists of {", ".join(LISTS)}.'
            )
    return content


def check_coco(
    content: dict, file: Path, fields: Sequence[Field], folder: Path
) -> None:
    """Refuse what would fail or be dropped later.

    Takes some seconds for all of COCO.

    Args:
        content (dict): Of :func:`read_coco`.
        file (Path): For messages.
        fields (Sequence[Field]): `OBJECT`, `BOX` or `MASK`: what each
            annotation must have.
        folder (Path): Folder of the images.

    Raises:
        InputError: With the id of the first entry at fault.
    """
    check_entries(content, 'categories', CATEGORY, file)
    check_entries(content, 'images', IMAGE, file)
    check_entries(content, 'annotations', fields, file)
    for key, field in (
        ('categories', 'id'),
        ('categories', 'name'),
        ('images', 'id'),
        *([('annotations', 'id')] if ID in fields else []),
    ):
        first = {}
        twice = [
            i
            for i, entry in enumerate(content[key])
            if first.setdefault(entry[field], i) != i
        ]
        fault = f"a '{field}' that another one has too"
        refuse(content, key, twice, field, fault, file)
    for field, key in (('image_id', 'images'), ('category_id', 'categories')):
        known = {entry['id'] for entry in content[key]}
        annotations = enumerate(content['annotations'])
        lost = [i for i, entry in annotations if entry[field] not in known]
        fault = f"a '{field}' that is no id of '{key}'"
        refuse(content, 'annotations', lost, field, fault, file)
    images = {image['file_name']: image for image in content['images']}
    missing = missing_files(folder, images)
    if missing:
        raise InputError(
            f"'{file}' names the image '{folder / missing[0]}' (id "
            f'{images[missing[0]]["id"]}), which does not exist; '
            f'{len(missing)} of {len(images)} are missing. Set the '
            'folder of the images (`data_prefix`, or `images` of '
            'coco_folder), or take them out of the file.'
        )


def check_entries(
    content: dict, key: str, fields: Sequence[Field], file: Path
) -> None:
    """Refuse entries of a list without a field, or with another value."""
    entries = content[key]
    for index, entry in enumerate(entries):
        if type(entry) is not dict:
            raise InputError(
                f"'{file}': {key}[{index}] is {entry!r:.50}. Expected an "
                f'object with {", ".join(field.name for field in fields)}.'
            )
    for name, fits, expected in fields:
        wrong = [i for i, e in enumerate(entries) if not fits(e.get(name))]
        refuse(content, key, wrong, name, f"no '{name}', {expected}", file)


def refuse(
    content: dict,
    key: str,
    wrong: list[int],
    field: str,
    fault: str,
    file: Path,
) -> None:
    """Refuse entries of a list that have a fault in common."""
    if wrong:
        first = content[key][wrong[0]]
        value = f'{first[field]!r:.60}' if field in first else 'nothing'
        raise InputError(
            f"'{file}': {key}[{wrong[0]}] (id {first.get('id')!r}) has "
            f'{fault}: it has {value}. {len(wrong)} of {len(content[key])} '
            f'are like that. Mend the file, or take them out.'
        )

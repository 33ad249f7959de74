"""A folder of one's own, written down as lists and annotations of splits.

.. code-block:: text

    ROOT/
      CLASS/*.jpg ...          or train/CLASS/, and val/CLASS/, test/CLASS/
      boxes.json               optional: boxes in COCO's format, or
      boxes.csv                lines file,class,x0,y0,x1,y1, or
      Annotations/*.xml        Pascal VOC

gets ROOT/splits/ with what configs read: `classes.txt`; `train.txt`,
`val.txt` and `test.txt` with a line `file label` per image; and
`boxes_{train,val,test}.json` in COCO's format.

`train_images.txt` has the images to pretrain on: the names of `train.txt`, and
those below ROOT/unlabeled. Tiny ImageNet
(:mod:`mmsca.datasets.tiny_imagenet`) and CUB-200-2011
(:mod:`mmsca.datasets.cub`) get the same from their own files.
"""

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from mmsca.datasets.classes import class_folders
from mmsca.datasets.coco_file import OBJECT, check_coco, read_coco
from mmsca.datasets.cub import SPLIT, read_cub
from mmsca.datasets.find_images import find_images
from mmsca.datasets.tiny_imagenet import CLASSES, read_tiny_imagenet
from mmsca.datasets.voc_file import read_objects
from mmsca.utils.errors import InputError
from mmsca.utils.whole_file import write_whole

SPLITS = ('train', 'val', 'test')
# Of the images of a class, or of all where there are no classes.
SHARES = dict(test=0.2, val=0.1)
OWN = ('splits', 'Annotations', 'annotations', 'unlabeled')
# A file by which a layout is known, and what reads it.
LAYOUTS = {CLASSES: read_tiny_imagenet, SPLIT: read_cub}
HEAD = ['file', 'class', 'x0', 'y0', 'x1', 'y1']


def write_splits(root: Path, seed: int = 0) -> list[str]:
    """Write ROOT/splits, with the splits that the folder has or by chance.

    An image goes by its name: those that are there already stay where they
    are, or nearly so, when others come.

    Args:
        root (Path): The folder.
        seed (int): Of the splits that the folder does not have.

    Returns:
        list[str]: Names of the files in ROOT/splits.

    Raises:
        InputError: If there are neither classes nor boxes, or a file cannot
            be read.
    """
    files = {}
    layout = [file for file in LAYOUTS if (root / file).is_file()]
    if layout:
        classes, splits, objects = LAYOUTS[layout[0]](root)
        labels = {
            name: classes.index(label)
            for name, [(label, _)] in objects.items()
        }
        boxes = as_coco(root, objects)
    else:
        classes, labels, splits = find_classes(root, seed)
        boxes = read_boxes(root)
    if not classes and not boxes:
        raise InputError(
            f"'{root}' has neither class folders nor boxes (boxes.json, "
            'boxes.csv or Annotations/*.xml), so that nothing can be '
            'evaluated on it. Pretraining alone needs none of them.'
        )
    if classes:
        files['classes.txt'] = '\n'.join(classes)
        for split in SPLITS:
            names = sorted(n for n, s in splits.items() if s == split)
            lines = [f'{name} {labels[name]}' for name in names]
            files[f'{split}.txt'] = '\n'.join(lines)
        names = [name for name in splits if splits[name] == 'train']
        files['train_images.txt'] = '\n'.join(names + unlabeled(root))
    if boxes:
        names = {image['file_name'] for image in boxes['images']}
        splits |= by_chance(names - set(splits), seed)
        for split in SPLITS:
            part = of_split(boxes, splits, split)
            files[f'boxes_{split}.json'] = json.dumps(part)
    for name, text in files.items():
        write_whole(root / 'splits' / name, f'{text}\n')
    return list(files)


def unlabeled(root: Path) -> list[str]:
    """Images for pretraining alone."""
    folder = root / 'unlabeled'
    names = find_images(folder) if folder.is_dir() else []
    return sorted(f'unlabeled/{name}' for name in names)


def find_classes(root: Path, seed: int) -> tuple[list, dict, dict]:
    """Names of the classes, and label and split of each image."""
    if not root.is_dir():
        raise InputError(
            f"The folder '{root}' does not exist. Expected one with a folder "
            'of images for each class.'
        )
    folders = [f.name for f in root.iterdir() if f.is_dir()]
    folders = [f for f in folders if f not in OWN and f[0] != '.']
    given = [split for split in SPLITS if split in folders]
    if 'train' in given and set(folders) <= set(SPLITS):
        classes = class_folders(root / 'train')
    else:
        given, classes = [''], sorted(folders)
    labels, splits = {}, {}
    for label, name in enumerate(classes):
        for split in given:
            folder = Path(split, name)
            if not (root / folder).is_dir():
                continue
            images = find_images(root / folder)
            found = [str(folder / image) for image in images]
            labels |= dict.fromkeys(found, label)
            splits |= dict.fromkeys(found, split)
        own = [image for image in splits if labels[image] == label]
        splits |= missing_splits(own, splits, given, seed)
    return (classes if labels else []), labels, splits


def missing_splits(
    images: list[str], splits: dict, given: list[str], seed: int
) -> dict[str, str]:
    """Where the images of a class go for want of a split."""
    if given in ([''], ['train']):
        return by_chance(images, seed)
    changed = {}
    if 'test' not in given:  # one that is called val is the test
        others = [image for image in images if splits[image] == 'val']
        changed |= dict.fromkeys(others, 'test')
    if given != list(SPLITS):
        train = [image for image in images if splits[image] == 'train']
        changed |= by_chance(train, seed, dict(val=SHARES['val']))
    return changed


def by_chance(
    images: Iterable[str], seed: int, shares: dict = SHARES
) -> dict[str, str]:
    """Split of each image, one or more in each if there are enough."""
    order = sorted(
        images,
        key=lambda name: hashlib.sha256(f'{seed} {name}'.encode()).digest(),
    )
    splits, start = dict.fromkeys(order, 'train'), 0
    for split, share in shares.items():
        end = start + max(round(share * len(order)), min(1, len(order) // 3))
        splits |= dict.fromkeys(order[start:end], split)
        start = end
    return splits


def read_boxes(root: Path) -> dict | None:
    """Boxes of a folder in COCO's format, whatever format it has."""
    if (root / 'boxes.json').is_file():
        content = read_coco(root / 'boxes.json')
        check_coco(content, root / 'boxes.json', OBJECT, root)
        return content
    objects = defaultdict(list)
    if (root / 'boxes.csv').is_file():
        for name, label, box in _csv_rows(root / 'boxes.csv'):
            objects[name].append((label, box))
    elif (root / 'Annotations').is_dir():
        by_stem = {Path(name).stem: name for name in find_images(root)}
        for file in sorted((root / 'Annotations').glob('*.xml')):
            if file.stem not in by_stem:
                raise InputError(
                    f"'{file}' has no image {file.stem}.* below '{root}'. "
                    'Expected one image of the same name for each XML file.'
                )
            objects[by_stem[file.stem]] += read_objects(file)[1]
    else:
        return None
    return as_coco(root, objects)


def _csv_rows(file: Path) -> Iterable[tuple[str, str, list[float]]]:
    with file.open(newline='', encoding='utf-8') as stream:
        rows = csv.DictReader(stream, skipinitialspace=True)
        if rows.fieldnames != HEAD:
            raise InputError(
                f"The first line of '{file}' is {rows.fieldnames}. Expected "
                f'{",".join(HEAD)}: corners in pixels from 0, x1 and y1 '
                'exclusive.'
            )
        for row in rows:
            try:
                box = [float(row[key]) for key in HEAD[2:]]
                if not (box[0] < box[2] and box[1] < box[3]):
                    raise ValueError(f'the box {box} covers nothing')
            except (TypeError, ValueError) as error:
                raise InputError(
                    f"'{file}', line {rows.line_num}: {error}. Expected "
                    f'{",".join(HEAD)}.'
                ) from error
            yield row['file'], row['class'], box


def as_coco(root: Path, objects: dict[str, list]) -> dict:
    """File -> names and boxes [x0, y0, x1, y1], in COCO's format."""
    names = sorted({label for found in objects.values() for label, _ in found})
    numbers = {name: number for number, name in enumerate(names, 1)}
    images, annotations = [], []
    for index, name in enumerate(sorted(objects), 1):
        if not (root / name).is_file():
            raise InputError(
                f"The boxes of '{root}' name the image '{name}', which does "
                'not exist. Expected paths relative to that folder.'
            )
        with Image.open(root / name) as image:
            width, height = image.size
        images.append(
            dict(id=index, file_name=name, width=width, height=height)
        )
        for label, (x0, y0, x1, y1) in objects[name]:
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=index,
                    category_id=numbers[label],
                    bbox=[x0, y0, x1 - x0, y1 - y0],
                    area=(x1 - x0) * (y1 - y0),
                    iscrowd=0,
                )
            )
    categories = [dict(id=i, name=name) for name, i in numbers.items()]
    return dict(images=images, annotations=annotations, categories=categories)


def of_split(boxes: dict, splits: dict[str, str], split: str) -> dict:
    """The images of a split with their boxes."""
    images = [i for i in boxes['images'] if splits[i['file_name']] == split]
    ids = {image['id'] for image in images}
    found = [a for a in boxes['annotations'] if a['image_id'] in ids]
    if not found:
        raise InputError(
            f'No image of the split {split} has a box. Give boxes of images '
            'of each split, or more of them.'
        )
    return boxes | dict(images=images, annotations=found)

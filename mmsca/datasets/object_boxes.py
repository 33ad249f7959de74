"""Images with boxes, in the annotations of COCO and of Pascal VOC."""

import json
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from mmpretrain.datasets import BaseDataset

from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


class ObjectBoxes(BaseDataset):
    """Base of data sets whose images show objects of several classes.

    A map explains one class, so an image gives one sample for each class
    that it shows, with the boxes of that class alone. With `class_agnostic`
    it gives one sample with the boxes of all objects, as the one class
    'object': for maps that know no classes. Images without any box are left
    out. In both cases an image of one class gives one sample.

    A sample has the fields of `mmsca.WSOLDataset`: `img_path`, `gt_label`,
    `ori_gt_bboxes` with exclusive x1, y1, and `ori_size`.

    Args:
        class_agnostic (bool): One sample per image. Defaults to False.
        **kwargs: See `mmpretrain.datasets.BaseDataset`.
    """

    def __init__(self, *args, class_agnostic: bool = False, **kwargs) -> None:
        self.class_agnostic = class_agnostic
        super().__init__(*args, **kwargs)

    def samples_of(
        self,
        img_path: Path,
        size: tuple[int, int],
        objects: list[tuple],
        ignored_masks: list | None = None,
    ) -> list[dict]:
        """Samples of one image.

        Args:
            img_path (Path): The image.
            size (tuple[int, int]): Its width and height.
            objects (list[tuple]): Label, box [x0, y0, x1, y1] and mask, or
                None, of each object.
            ignored_masks (list, optional): Masks of what does not count.

        Returns:
            list[dict]: One per class that is present, or one.
        """
        by_label = defaultdict(list)
        for label, box, mask in objects:
            label = 0 if self.class_agnostic else label
            by_label[label].append((box, mask))
        return [
            dict(
                img_path=str(img_path),
                gt_label=label,
                ori_gt_bboxes=np.array([box for box, _ in found]),
                ori_size=size,
                object_masks=[mask for _, mask in found if mask],
                ignored_masks=ignored_masks or [],
            )
            for label, found in sorted(by_label.items())
        ]

    def set_classes(self, names: list[str]) -> None:
        """Name the classes, unless the config does."""
        if self.class_agnostic:
            names = ['object']
        self._metainfo.setdefault('classes', tuple(names))

    def check(self, samples: list[dict], source: Path) -> list[dict]:
        """Refuse an empty list and images that are not there."""
        if not samples:
            raise InputError(
                f'{source} has no image with a box, so that nothing can be '
                'localized. Give annotations with boxes.'
            )
        first = Path(samples[0]['img_path'])
        if not first.is_file():
            raise InputError(
                f'{first}, the first image of {source}, does not exist. Set '
                '`data_root` and `data_prefix` to the folder of the images.'
            )
        return samples


@DATASETS.register_module()
class COCOLocalization(ObjectBoxes):
    """Any data set in COCO's instances format, for localization by maps.

    Labels number the categories of the file in the order of their ids,
    which is the order of their names that a classifier was trained on only
    if you made it so. Crowds give no box; their masks do not count in PxAP.

    Args:
        ann_file (str): The JSON file, relative to `data_root`.
        data_root (str): The root of the data set.
        data_prefix (str): Folder that `file_name` is relative to, below
            `data_root`.
        class_agnostic (bool): See :class:`ObjectBoxes`.
        **kwargs: See `mmpretrain.datasets.BaseDataset`.

    Raises:
        InputError: If the file is missing or of another format, if nothing
            in it has a box, or if the first image does not exist.
    """

    def load_data_list(self) -> list[dict]:
        """Read the annotations.

        Returns:
            list[dict]: See :class:`ObjectBoxes`, in the order of the file.
        """
        source = Path(self.ann_file)
        try:
            content = json.loads(source.read_text(encoding='utf-8'))
            images = content['images']
            categories = sorted(content['categories'], key=lambda c: c['id'])
            by_image = defaultdict(list)
            for annotation in content['annotations']:
                by_image[annotation['image_id']].append(annotation)
            labels = {c['id']: i for i, c in enumerate(categories)}
            self.set_classes([str(c['name']) for c in categories])
            samples = [
                sample
                for image in images
                for sample in self._samples(image, by_image, labels)
            ]
        except OSError as error:
            raise InputError(
                f'{source} cannot be read ({error.strerror}). Set `ann_file` '
                "to a JSON file in COCO's instances format."
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{source} is not in COCO's instances format: {error!r}. It "
                'needs `images`, `annotations` and `categories`, and each '
                'annotation `image_id`, `category_id` and `bbox`.'
            ) from error
        return self.check(samples, source)

    def _samples(self, image, by_image, labels) -> list[dict]:
        objects, crowds = [], []
        for annotation in by_image[image['id']]:
            mask = annotation.get('segmentation')
            if annotation.get('iscrowd', 0):
                crowds += [mask] if mask else []
                continue
            x, y, width, height = annotation['bbox']
            box = [x, y, x + width, y + height]
            objects.append((labels[annotation['category_id']], box, mask))
        root = Path(self.img_prefix or self.data_root)
        size = (int(image['width']), int(image['height']))
        path = root / image['file_name']
        return self.samples_of(path, size, objects, crowds)


@DATASETS.register_module()
class VOCLocalization(ObjectBoxes):
    """A data set in the XML files of Pascal VOC, for localization by maps.

    `data_root` holds `ImageSets/Main/*.txt`, `Annotations/*.xml` and
    `JPEGImages/*.jpg`. Pixels are counted from 1 there and both edges of a
    box belong to it, so that x0 - 1, y0 - 1, x1, y1 is kept. Objects marked
    as difficult count like others, as CorLoc has it. Labels number the
    names that occur, in alphabetical order, unless `metainfo` lists
    `classes`. The XML files have no masks.

    Args:
        ann_file (str): List of images, one name per line, relative to
            `data_root`, such as 'ImageSets/Main/trainval.txt'.
        data_root (str): The root of the data set.
        class_agnostic (bool): See :class:`ObjectBoxes`.
        **kwargs: See `mmpretrain.datasets.BaseDataset`.

    Raises:
        InputError: If a file is missing or of another format, if no image
            has a box, or if the first image does not exist.
    """

    def load_data_list(self) -> list[dict]:
        """Read the list and the XML files.

        Returns:
            list[dict]: See :class:`ObjectBoxes`, in the order of the list.
        """
        source, root = Path(self.ann_file), Path(self.data_root)
        if not source.is_file():
            raise InputError(
                f'{source} does not exist. Set `ann_file` to a list of VOC, '
                'such as ImageSets/Main/trainval.txt.'
            )
        # Lists of a class have a second column.
        names = [
            line.split()[0]
            for line in source.read_text().splitlines()
            if line.strip()
        ]
        images = [self._read(root / f'Annotations/{n}.xml') for n in names]
        found = {name for _, objects in images for name, _ in objects}
        self.set_classes(sorted(found))
        classes = self._metainfo['classes']
        unknown = sorted(found - set(classes))
        if unknown and not self.class_agnostic:
            raise InputError(
                f'{source} has objects named {unknown[0]!r}, which '
                f'`metainfo.classes` does not list: {classes}.'
            )
        samples = []
        for name, (size, objects) in zip(names, images, strict=True):
            labelled = [
                (0 if self.class_agnostic else classes.index(c), box, None)
                for c, box in objects
            ]
            path = root / 'JPEGImages' / f'{name}.jpg'
            samples += self.samples_of(path, size, labelled)
        return self.check(samples, source)

    def _read(self, path: Path) -> tuple[tuple, list]:
        """Width and height, and the name and box of each object."""
        try:
            tree = ElementTree.parse(path)
            size = tuple(
                int(tree.findtext(f'size/{k}')) for k in ('width', 'height')
            )
            objects = []
            for item in tree.iter('object'):
                # Some boxes of VOC have fractions.
                x0, y0, x1, y1 = (
                    float(item.findtext(f'bndbox/{k}'))
                    for k in ('xmin', 'ymin', 'xmax', 'ymax')
                )
                name = item.findtext('name').strip()
                objects.append((name, [x0 - 1, y0 - 1, x1, y1]))
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
                f'{path} is not an annotation of Pascal VOC: {error}. It '
                'needs `size`, and each `object` a `name` and a `bndbox`.'
            ) from error
        return size, objects

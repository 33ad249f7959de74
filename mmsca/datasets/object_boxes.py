"""Images with boxes, in the annotations of COCO and of Pascal VOC."""

from collections import defaultdict
from pathlib import Path

import numpy as np
from mmengine.logging import print_log
from mmpretrain.datasets import BaseDataset

from mmsca.datasets.classes import refuse_unknown
from mmsca.datasets.coco_file import OBJECT, check_coco, is_mask, read_coco
from mmsca.datasets.voc_file import (
    check_images,
    in_image,
    read_list,
    read_objects,
)
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
        class_agnostic (bool): One sample per image.
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
        ignored_masks: list,
    ) -> list[dict]:
        """Samples of one image: one per class that is present, or one.

        A sample has masks only if all objects have one: what has none is not
        background.

        Args:
            img_path (Path): The image.
            size (tuple[int, int]): Its width and height.
            objects (list[tuple]): Label, box [x0, y0, x1, y1] and mask, or
                None, of each object.
            ignored_masks (list): Masks, or None, of what does not count.
        """
        by_label = defaultdict(list)
        for label, box, mask in objects:
            label = 0 if self.class_agnostic else label
            by_label[label].append((box, mask))
        samples = []
        for label, found in sorted(by_label.items()):
            boxes, masks = zip(*found, strict=True)
            complete = all((*masks, *ignored_masks))
            samples.append(
                dict(
                    img_path=str(img_path),
                    gt_label=label,
                    ori_gt_bboxes=np.array(boxes),
                    ori_size=size,
                    object_masks=list(masks) if complete else [],
                    ignored_masks=ignored_masks,
                )
            )
        return samples

    def labels_of(self, names: list[str], shown: set, source: Path) -> dict:
        """Labels by name, in the order of the config if that lists classes.

        Args:
            names (list[str]): All names of the annotations, in their order.
            shown (set[str]): Names of those that occur.
            source (Path): The annotations.

        Raises:
            InputError: If one is unknown to the config, or none occurs.
        """
        if not shown:
            raise InputError(
                f'{source} has no image with a box, so that nothing can be '
                'localized. Give annotations with boxes.'
            )
        if self.class_agnostic:
            self._metainfo['classes'] = ('object',)
            return dict.fromkeys(names, 0)
        classes = self._metainfo.setdefault('classes', tuple(names))
        refuse_unknown(shown, classes, source)
        return {name: label for label, name in enumerate(classes)}


@DATASETS.register_module()
class COCOLocalization(ObjectBoxes):
    """Any data set in COCO's instances format, for localization by maps.

    Labels are places in `metainfo.classes`, by name, where the config lists
    them; a classifier needs the list that it was trained on. Otherwise they
    number the categories of the file in the order of their ids. Crowds give
    no box; their masks do not count in PxAP. Boxes that cover nothing of the
    image are left out and counted in the log.

    Args:
        ann_file (str): The JSON file, relative to `data_root`.
        data_root (str): The root of the data set.
        data_prefix (str): Folder that `file_name` is relative to, below
            `data_root`.
        class_agnostic (bool): See :class:`ObjectBoxes`.
        **kwargs: See `mmpretrain.datasets.BaseDataset`.

    Raises:
        InputError: If the file is missing or has faults, see
            :func:`mmsca.datasets.coco_file.check_coco`; if nothing in it has
            a box, or an object is of an unknown class.
    """

    def load_data_list(self) -> list[dict]:
        """Samples in the order of the file."""
        source = Path(self.ann_file)
        root = Path(self.img_prefix or self.data_root)
        content = read_coco(source)
        check_coco(content, source, OBJECT, root)
        by_id = sorted(content['categories'], key=lambda c: c['id'])
        names = {category['id']: category['name'] for category in by_id}
        sizes = {
            image['id']: (int(image['width']), int(image['height']))
            for image in content['images']
        }
        objects, crowds = defaultdict(list), defaultdict(list)
        empty = 0
        for annotation in content['annotations']:
            image = annotation['image_id']
            mask = annotation.get('segmentation')
            mask = mask if is_mask(mask) else None
            x, y, width, height = annotation['bbox']
            box = [x, y, x + width, y + height]
            if annotation.get('iscrowd', 0):
                crowds[image].append(mask)
            elif in_image(box, sizes[image]):
                name = names[annotation['category_id']]
                objects[image].append((name, box, mask))
            else:
                empty += 1
        if empty:
            print_log(
                f'{source}: {empty} boxes cover nothing of their image and '
                'are left out.',
                'current',
            )
        shown = {name for found in objects.values() for name, *_ in found}
        labels = self.labels_of(list(names.values()), shown, source)
        samples = []
        for image in content['images']:
            file, index = root / image['file_name'], image['id']
            labelled = [(labels[n], *rest) for n, *rest in objects[index]]
            samples += self.samples_of(
                file, sizes[index], labelled, crowds[index]
            )
        return samples


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
        InputError: If a file or an image is missing or of another format, if
            no image has a box, if a box covers nothing of its image, or an
            object is of an unknown class.
    """

    def load_data_list(self) -> list[dict]:
        """Samples in the order of the list."""
        source, root = Path(self.ann_file), Path(self.data_root)
        names, folder = read_list(source), root / 'JPEGImages'
        check_images(folder, names, source)
        paths = [root / f'Annotations/{name}.xml' for name in names]
        images = [read_objects(path) for path in paths]
        for path, (size, _) in zip(paths, images, strict=True):
            if size is None:
                raise InputError(
                    f'{path} has no `size`, which boxes are resized by.'
                )
        shown = {name for _, objects in images for name, _ in objects}
        labels = self.labels_of(sorted(shown), shown, source)
        samples = []
        for name, (size, objects) in zip(names, images, strict=True):
            file = folder / f'{name}.jpg'
            labelled = [(labels[name], box, None) for name, box in objects]
            samples += self.samples_of(file, size, labelled, [])
        return samples

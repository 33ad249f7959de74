"""Images in one folder per class, with the same labels in every split."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from mmengine.logging import print_log
from mmpretrain.datasets import CustomDataset

from mmsca.datasets.classes import class_folders, class_names, refuse_unknown
from mmsca.datasets.find_images import (
    IMAGE_EXTENSIONS,
    FileCounts,
    find_images,
)
from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@DATASETS.register_module()
class ClassFolders(CustomDataset):
    """Images below one folder per class.

    A label is the place of the class in one list, which all splits share. If
    each split numbered its own folders, one that lacks a folder would shift
    the labels of the classes behind it.

    Images are in alphabetic order, class after class of the list.

    Args:
        data_root (str): Folder that the others are relative to.
        data_prefix (str): Folder of the class folders.
        classes (str | Sequence[str], optional): The classes: their names; or
            a folder of class folders, such as that of the training images;
            or a text file with one name per line. By default the folders of
            this split, in alphabetic order.
        ann_file (str): For images that do not lie in class folders, such as
            `meta/val.txt` of ImageNet: a list with a line `name label` for
            each.
        **kwargs: As in :class:`mmpretrain.CustomDataset`, e.g. `pipeline`,
            but `with_label`.

    Raises:
        InputError: If a folder or list is missing, if a folder is none of
            the classes, a label is out of range, or there is no image.
    """

    def __init__(
        self,
        data_root: str,
        data_prefix: str = '',
        classes: str | Sequence[str] | None = None,
        **kwargs,
    ) -> None:
        self.classes_from = None
        if isinstance(classes, str):
            self.classes_from = Path(str(data_root), classes)
            classes = None
        kwargs.setdefault('extensions', IMAGE_EXTENSIONS)
        super().__init__(
            data_root=str(data_root),
            data_prefix=data_prefix,
            classes=classes,
            **kwargs,
        )

    def load_data_list(self) -> list[dict]:
        """`img_path` and `gt_label` of each image."""
        folder = Path(self.img_prefix)
        if self.classes_from:
            self._metainfo['classes'] = class_names(self.classes_from)
        elif not self.CLASSES:
            self._metainfo['classes'] = tuple(class_folders(folder))
        samples = (
            self.from_list() if self.ann_file else self.from_folders(folder)
        )
        seen = {sample['gt_label'] for sample in samples}
        missing = [c for i, c in enumerate(self.CLASSES) if i not in seen]
        if missing:
            print_log(
                f"'{folder}' shows {len(seen)} of {len(self.CLASSES)} "
                f'classes. Without an image: {", ".join(missing[:12])}.',
                'current',
                logging.WARNING,
            )
        return samples

    def from_folders(self, folder: Path) -> list[dict]:
        """A sample per image below the class folders."""
        names = class_folders(folder)
        refuse_unknown(names, self.CLASSES, folder)
        counts = FileCounts()
        samples = [
            dict(img_path=os.path.join(folder, name, file), gt_label=label)
            for label, name in enumerate(self.CLASSES)
            if name in names
            for file in find_images(folder / name, self.extensions, counts)
        ]
        counts.report(folder, self.extensions)
        return samples

    def from_list(self) -> list[dict]:
        """A sample per line of `ann_file`."""
        samples = []
        for number, line in enumerate(self.lines(), 1):
            name, _, label = line.rpartition(' ')
            if not label.isdecimal() or int(label) >= len(self.CLASSES):
                raise InputError(
                    f"'{self.ann_file}', image {number}: expected a name and "
                    f'a label from 0 to {len(self.CLASSES) - 1}, got '
                    f'{line!r}.'
                )
            path = os.path.join(self.img_prefix, name)
            samples.append(dict(img_path=path, gt_label=int(label)))
        self.check_first(samples)
        return samples

    def lines(self) -> list[str]:
        """The lines of `ann_file` that are not empty."""
        file = Path(self.ann_file)
        if not file.is_file():
            raise InputError(
                f"The list of images '{file}' does not exist. "
                '`train_dataloader.dataset.ann_file` names it, relative to '
                '`data_root`; configs/classification/README.md says where to '
                'get it.'
            )
        lines = [line.strip() for line in file.read_text().splitlines()]
        lines = [line for line in lines if line]
        if not lines:
            raise InputError(
                f"The list of images '{file}' is empty. Expected one image "
                'per line.'
            )
        return lines

    def check_first(self, samples: list[dict]) -> None:
        """Refuse a list that belongs to other images."""
        first = Path(samples[0]['img_path'])
        if not first.is_file():
            raise InputError(
                f"'{first}', the first image of '{self.ann_file}', does not "
                'exist. Take the list that belongs to the data set.'
            )

"""Images with a class, boxes or masks, in text files of the WSOL benchmark."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import NoReturn

import numpy as np
from mmpretrain.datasets import BaseDataset

from mmsca.datasets.present_files import missing_files
from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError

FILES = ('image_ids.txt', 'class_labels.txt', 'localization.txt')
SIZES = 'image_sizes.txt'


@DATASETS.register_module()
class WSOLDataset(BaseDataset):
    """Classification data set with boxes, for localization by class maps.

    `ann_file` names a folder with the text files of "Evaluating Weakly
    Supervised Object Localization Methods Right" (Choe et al., CVPR 2020), as
    that benchmark publishes them for ImageNet, CUB and OpenImages:

    * `image_ids.txt`: `path`; the order of the data set
    * `class_labels.txt`: `path,label`; labels start at 0, and are places in
      `metainfo.classes` where the config has that
    * `image_sizes.txt`: `path,width,height`
    * `localization.txt`: `path,x0,y0,x1,y1`; one line per box, within the
      image and not empty. Or `path,mask,ignore`, without need of
      `image_sizes.txt`; one line per mask, where `mask` is a grey image and
      `ignore`, on the first line of an image, one of pixels that do not
      count.

    A sample has `img_path`, `gt_label`, and two fields for `algorithm_keys`
    of `PackInputs`: `ori_gt_bboxes`, integers (n, 4), and `ori_size`, the
    width and height they refer to. The boxes are not called `gt_bboxes`,
    because `Resize` would scale those by floats and clip them, where the
    benchmark truncates to integers; `mmsca.CAMLocalization` does the scaling.
    With masks it has `object_masks` and `ignored_masks` in place of these,
    for `mmsca.LoadObjectMask` and `mmsca.CAMPixelAP`.

    Args:
        ann_file (str): Folder of the text files, relative to `data_root`.
        data_root (str): Folder that paths of images are relative to.
        **kwargs: See `mmpretrain.datasets.BaseDataset`.

    Raises:
        InputError: If a text file or an image is missing, if no image is
            listed, or one without a label, size, or box or mask; if a
            label or a box is not possible.
    """

    def load_data_list(self) -> list[dict]:
        """One sample per line of `image_ids.txt`."""
        with_masks = self._lists_masks()
        files = FILES if with_masks else (*FILES, SIZES)
        for name in files:
            path = Path(self.ann_file, name)
            if not path.is_file():
                raise InputError(
                    f'{path} is missing. WSOLDataset needs the files '
                    f'{", ".join(files)} in the folder `ann_file`, in the '
                    'format of the WSOL benchmark; see '
                    'configs/localization/README.md.'
                )
        image_ids = [row[0] for _, row in self._rows('image_ids.txt', 1)]
        if not image_ids:
            raise InputError(
                f'{Path(self.ann_file, "image_ids.txt")} lists no image. '
                'Expected one path per line, relative to `data_root`.'
            )
        if twice := [i for i, n in Counter(image_ids).items() if n > 1]:
            raise InputError(
                f'{Path(self.ann_file, "image_ids.txt")} lists {twice[0]} '
                f'more than once, and so {len(twice)} images. Take out the '
                'copies, which would count several times.'
            )
        labels = self._labels()
        tables = [self._masks()] if with_masks else self._boxes()
        names = files[1:]
        for name, table in zip(names, (labels, *tables), strict=True):
            unknown = [image for image in image_ids if image not in table]
            if unknown:
                raise InputError(
                    f'{Path(self.ann_file, name)} has no line for '
                    f'{unknown[0]} and {len(unknown) - 1} more images of '
                    'image_ids.txt. Take all files from the same split.'
                )
        root = Path(self.img_prefix or self.data_root)
        missing = missing_files(root, image_ids)
        if missing:
            raise InputError(
                f'{root / missing[0]} of '
                f'{Path(self.ann_file, "image_ids.txt")} does not exist; '
                f'{len(missing)} of {len(image_ids)} images are missing. Set '
                '`data_root` to the folder that its paths start from.'
            )
        return [
            dict(img_path=str(root / image_id), gt_label=labels[image_id])
            | {k: v for table in tables for k, v in table[image_id].items()}
            for image_id in image_ids
        ]

    def _lists_masks(self) -> bool:
        """Whether the first line of `localization.txt` names a mask."""
        path = Path(self.ann_file, 'localization.txt')
        if not path.is_file():
            return False
        with path.open() as lines:
            fields = next(lines, '').strip().split(',')
        return not re.fullmatch(r'[-+.e\d]+', fields[-1].strip())

    def _labels(self) -> dict[str, int]:
        """Label of each image."""
        name, labels, classes = 'class_labels.txt', {}, self.CLASSES
        for number, (image_id, value) in self._rows(name, 2):
            label = int(value)
            if label < 0 or (classes and label >= len(classes)):
                most = f' to {len(classes) - 1}' if classes else ''
                self._refuse(name, number, f'a label from 0{most}', value)
            labels[image_id] = label
        self._metainfo['num_labels'] = max(labels.values(), default=-1) + 1
        return labels

    def _boxes(self) -> list[dict[str, dict]]:
        """Fields of each image from the boxes and from the sizes."""
        sizes = {
            image_id: dict(ori_size=(int(width), int(height)))
            for _, (image_id, width, height) in self._rows(SIZES, 3)
        }
        name, boxes = 'localization.txt', defaultdict(list)
        for number, (image_id, *values) in self._rows(name, 5):
            x0, y0, x1, y1 = box = [int(value) for value in values]
            if image_id in sizes:
                width, height = sizes[image_id]['ori_size']
                if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
                    self._refuse(
                        name,
                        number,
                        'a box x0,y0,x1,y1 with x0 < x1 and y0 < y1 within '
                        f'{width} x {height}, the size in {SIZES}',
                        box,
                    )
            boxes[image_id].append(box)
        boxes = {k: dict(ori_gt_bboxes=np.array(v)) for k, v in boxes.items()}
        return [boxes, sizes]

    def _masks(self) -> dict[str, dict]:
        """Fields of each image from the masks."""
        root = Path(self.data_root)
        fields = {}
        for _, row in self._rows('localization.txt', 3, True):
            image_id, mask, ignored = row
            field = fields.setdefault(
                image_id, dict(object_masks=[], ignored_masks=[])
            )
            field['object_masks'].append(str(root / mask))
            if ignored:
                field['ignored_masks'].append(str(root / ignored))
        return fields

    def _rows(
        self, name: str, columns: int, paths: bool = False
    ) -> list[tuple[int, list[str]]]:
        """Number and comma separated fields of each line that is not empty.

        The first field is a path, the others are integers, or paths too.
        """
        path = Path(self.ann_file, name)
        rows = []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line.strip():
                continue
            # From the right: a path may hold a comma, the numbers do not.
            row = line.strip().rsplit(',', columns - 1)
            if len(row) != columns or not (
                paths or all(re.fullmatch(r'-?[0-9]+', v) for v in row[1:])
            ):
                kind = 'paths' if paths else 'integers'
                expected = f'a path and {columns - 1} {kind}'
                self._refuse(name, number, expected, line)
            rows.append((number, row))
        return rows

    def _refuse(self, name: str, number: int, expected: str, got) -> NoReturn:
        raise InputError(
            f'{Path(self.ann_file, name)}, line {number}: expected '
            f'{expected}, got {got!r}.'
        )

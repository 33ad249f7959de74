"""Which part of an image the input of a model shows, and what lies there."""

from collections.abc import Mapping
from typing import NamedTuple

import cv2
import numpy as np

from mmsca.evaluation.boxes import resize_boxes
from mmsca.utils.errors import InputError


class View(NamedTuple):
    """An image is resized, then cut; all in pixels.

    Attributes:
        resized (tuple[int, int]): Height and width after resizing.
        offset (tuple[int, int]): x and y of the cut's upper left corner.
        shape (tuple[int, int]): Height and width of the cut, the input.
    """

    resized: tuple[int, int]
    offset: tuple[int, int]
    shape: tuple[int, int]

    @property
    def cropped(self) -> bool:
        """Whether the input lacks a part of the image."""
        return self.resized != self.shape

    def boxes(
        self, boxes: np.ndarray, size: tuple[int, int], exact: bool = False
    ) -> np.ndarray:
        """Carry boxes of the image to the input.

        Where the input shows the whole image, this is the truncation of the
        WSOL benchmark and nothing else. Where it is a cut, boxes are clipped
        to it, and those of which no pixel is left are dropped.

        Args:
            boxes (np.ndarray): (n, 4), x1 and y1 exclusive.
            size (tuple[int, int]): Width and height the boxes refer to.
            exact (bool): Keep fractions instead of truncating to integers.

        Returns:
            np.ndarray: (m, 4), m <= n.
        """
        new_size = self.resized[::-1]
        if exact:
            factor = np.divide(new_size, size)
            boxes = np.asarray(boxes, dtype=float) * np.tile(factor, 2)
        else:
            boxes = resize_boxes(boxes, size, new_size)
        if not self.cropped:
            return boxes
        limit = np.tile(self.shape[::-1], 2)
        boxes = np.clip(boxes - np.tile(self.offset, 2), 0, limit)
        return boxes[(boxes[:, 2:] > boxes[:, :2]).all(axis=1)]

    def mask(self, mask: np.ndarray) -> np.ndarray:
        """Carry a mask to the input, by the nearest pixel.

        Args:
            mask (np.ndarray): uint8, (H, W), of any size that stands for
                the whole image.
        """
        height, width = self.resized
        mask = cv2.resize(
            mask, (width, height), interpolation=cv2.INTER_NEAREST
        )
        (x, y), (height, width) = self.offset, self.shape
        return mask[y : y + height, x : x + width]


def view_of(sample: Mapping) -> View:
    """Read the view from what the transforms of a pipeline recorded.

    Args:
        sample (Mapping): Data sample, or results within a pipeline, with
            `ori_shape`, `img_shape`, `scale_factor` if the image was resized
            and `crop_window` of `mmsca.CenterCrop` if it was cut.

    Raises:
        InputError: If the records do not account for the input.
    """
    height, width = sample['ori_shape'][:2]
    factors = sample.get('scale_factor', (1.0, 1.0))
    resized = (round(height * factors[1]), round(width * factors[0]))
    shape = tuple(sample['img_shape'][:2])
    x, y, full_width, full_height = sample.get(
        'crop_window', (0, 0, shape[1], shape[0])
    )
    inside = y + shape[0] <= resized[0] and x + shape[1] <= resized[1]
    if (
        resized != (full_height, full_width)
        or not inside
        or sample.get('flip', False)
    ):
        raise InputError(
            f'{sample.get("img_path", "an image")} of height and width '
            f'{(height, width)} became {resized} by resizing and {shape} in '
            'the end, and nothing says how, so that its boxes and masks '
            'cannot follow. Resize once, cut with mmsca.CenterCrop and list '
            "'crop_window' in algorithm_keys of PackInputs; leave out "
            'padding, flips and other crops.'
        )
    return View(resized, (x, y), shape)


def boxes_on_input(sample: dict) -> tuple[np.ndarray, np.ndarray]:
    """Ground truth boxes in pixels of the input of the model.

    Args:
        sample (dict): Data sample with `ori_gt_bboxes` (n, 4), `ori_size`
            (width, height) and what `view_of` reads.

    Returns:
        tuple[np.ndarray, np.ndarray]: Integer boxes, (m, 4), and boxes with
        fractions, (l, 4), both without those that were cut off.
    """
    view = view_of(sample)
    if tuple(sample['pred_cam'].shape) != view.shape:
        raise InputError(
            f'a map of shape {tuple(sample["pred_cam"].shape)} does not fit '
            f'an input of height and width {view.shape}. Leave padding out '
            'of the data_preprocessor.'
        )
    boxes, size = sample['ori_gt_bboxes'], sample['ori_size']
    return view.boxes(boxes, size), view.boxes(boxes, size, exact=True)


def largest_share(sample: dict) -> float:
    """Share of the whole image that the largest ground truth box covers."""
    width, height = sample['ori_size']
    edges = np.array([width, height, width, height], dtype=float)
    x0, y0, x1, y1 = np.clip(sample['ori_gt_bboxes'], 0, edges).T
    return ((x1 - x0) * (y1 - y0)).max() / (width * height)

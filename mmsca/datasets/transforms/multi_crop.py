"""The views of SwAV: a few large crops and many small ones."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from mmcv.transforms import BaseTransform
from PIL import Image
from torch import Tensor

from mmsca.augmentation import Recipe, augment_image, draw_boxes
from mmsca.registry import TRANSFORMS
from mmsca.utils.errors import InputError
from mmsca.utils.image_file import ImageFile


@TRANSFORMS.register_module()
class MultiCrop(BaseTransform):
    """Random resized crops of several sizes, augmented by a recipe.

    The first step after :class:`mmsca.SeedDraw`, and the last: it reads
    `img_path`, or takes the decoded `img` (BGR, uint8, (H, W, 3)) of a step
    before it. An image is decoded once, and a large JPEG at 1/2, 1/4 or 1/8
    of its size if every crop still has the pixels of its view. Edges of crops
    are then whole pixels of what was decoded, which moves them by at most
    half a pixel of the view.

    Crops are cut here. What the recipe does to them is drawn here, and done
    on the device by :class:`mmsca.MultiCropPreprocessor`, or here with PIL
    (`on_device=False`), several times slower, with the same parameters.

    Args:
        num_crops (list[int]): Crops per size, the global ones first.
        sizes (list[int]): Side of the crops, in pixels.
        scales (list[tuple]): Range of the area of the crops, as fractions of
            the image's, in (0, 1].
        recipe (dict | list[dict]): Fields of
            :class:`mmsca.augmentation.Recipe`, or a dict of them per size.
            Defaults to that of SwAV's authors.
        on_device (bool): Leave flips and colours to the device.

    Raises:
        InputError: If there are not as many num_crops as sizes, scales and
            recipes, if a scale is no range, and for each image that cannot be
            read.
    """

    def __init__(
        self,
        num_crops: list[int],
        sizes: list[int],
        scales: list[tuple[float, float]],
        recipe: dict | list[dict] | None = None,
        on_device: bool = True,
    ) -> None:
        if not isinstance(recipe, (list, tuple)):
            recipe = [recipe or {}] * len(sizes)
        if not len(num_crops) == len(sizes) == len(scales) == len(recipe):
            raise InputError(
                'mmsca.MultiCrop needs as many num_crops as sizes, scales '
                f'and recipes, got {num_crops}, {sizes}, {scales} and '
                f'{recipe}.'
            )
        for low, high in scales:
            if not 0 < low <= high <= 1:
                raise InputError(
                    f'scales of mmsca.MultiCrop has {(low, high)}. Expected '
                    'the least and the greatest share of the area, above 0 '
                    'and at most 1.'
                )
        self.num_crops, self.scales = num_crops, scales
        self.sides = np.repeat(sizes, num_crops).tolist()
        self.recipes = [Recipe(**fields) for fields in recipe]
        self.on_device = on_device

    def transform(self, results: dict) -> dict:
        """Cut the views of an image.

        Args:
            results (dict): With `img_path` or `img`.

        Returns:
            dict: `inputs`, V views, RGB, uint8, (3, S, S); `boxes`, int
            (V, 4), and `flips`, bool (V, ), as in
            :class:`mmsca.augmentation.Crops`; and on_device, `augmentation`,
            fp32 (V, P), the parameters of the recipe.
        """
        if 'img' in results:
            image = cv2.cvtColor(results['img'], cv2.COLOR_BGR2RGB)
            size = image.shape[1::-1]
            boxes, parameters = self.draw(size)
        else:
            file = ImageFile(results['img_path'])
            size = file.size
            boxes, parameters = self.draw(size)
            image = file.decode(needed_scale(boxes, self.sides))
        views = cut(image, boxes / np.tile(size, 2), self.sides)
        packed = dict(
            inputs=views,
            boxes=torch.from_numpy(boxes),
            flips=torch.from_numpy(parameters[:, 0] > 0),
        )
        if self.on_device:
            packed['augmentation'] = torch.from_numpy(parameters)
        else:
            packed['inputs'] = [
                augment_view(view, row)
                for view, row in zip(views, parameters, strict=True)
            ]
        return packed

    def draw(self, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (V, 4) and parameters (V, P) of all views."""
        boxes, parameters = [], []
        for count, scale in zip(self.num_crops, self.scales, strict=True):
            boxes.append(draw_boxes(count, size, scale))
        for count, recipe in zip(self.num_crops, self.recipes, strict=True):
            parameters.append(recipe.draw(count))
        return np.concatenate(boxes), np.concatenate(parameters)


def needed_scale(boxes: np.ndarray, sides: list[int]) -> float:
    """Scale of the image at which no crop is smaller than its view."""
    extent = (boxes[:, 2:] - boxes[:, :2]).min(axis=1)  # (V, )
    return min((sides / extent).max(), 1.0)


def cut(
    image: np.ndarray, boxes: np.ndarray, sides: list[int]
) -> list[Tensor]:
    """Crop and resize, as torchvision does with PIL, to within a level.

    Args:
        image (np.ndarray): uint8 (H, W, 3).
        boxes (np.ndarray): Corners of the crops as fractions of the width
            and height, (V, 4).
        sides (list[int]): Sides of the views, V.

    Returns:
        list[Tensor]: V views, uint8 (3, S, S).
    """
    height, width = image.shape[:2]
    # In pixels; those of an image decoded at full size are whole already.
    boxes = np.rint(boxes * [width, height, width, height]).astype(int)
    views = []
    for (x0, y0, x1, y1), side in zip(boxes.tolist(), sides, strict=True):
        # In one piece, or interpolate is slow.
        crop = torch.from_numpy(image[y0:y1, x0:x1].copy()).permute(2, 0, 1)
        view = F.interpolate(
            crop[None], (side, side), mode='bilinear', antialias=True
        )
        views.append(view[0])
    return views


def augment_view(view: Tensor, parameters: np.ndarray) -> Tensor:
    """A view (3, S, S) after the recipe, by way of PIL."""
    image = Image.fromarray(view.permute(1, 2, 0).numpy())
    image = np.array(augment_image(image, parameters))
    return torch.from_numpy(image).permute(2, 0, 1).contiguous()

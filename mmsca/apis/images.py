"""Images in a list, from files or from memory."""

from collections.abc import Sequence
from os import PathLike

import cv2
import numpy as np
from mmengine.dataset import BaseDataset
from PIL import Image

from mmsca.datasets.transforms import LoadImage
from mmsca.utils.errors import InputError
from mmsca.utils.image_file import ImageFile, orientation_of
from mmsca.utils.pixels import rgb_pixels, turn

AnyImage = str | PathLike | Image.Image | np.ndarray


def pixels_of(image: AnyImage) -> np.ndarray:
    """The pixels of an image, as a training reads them.

    Args:
        image (AnyImage): Path or URL, picture of Pillow, or an array in RGB,
            uint8, (H, W, 3).

    Returns:
        np.ndarray: RGB, uint8, (H, W, 3), upright.

    Raises:
        InputError: It cannot be read, or the array is of another kind.
    """
    if isinstance(image, (str, PathLike)):
        return ImageFile(str(image)).decode()
    if isinstance(image, Image.Image):
        return turn(rgb_pixels(image), orientation_of(image))
    if not isinstance(image, np.ndarray):
        raise InputError(
            f'An image is a {type(image).__name__}. Expected a path, a '
            'picture of Pillow, or an array.'
        )
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise InputError(
            f'An image is an array of {image.dtype} and shape {image.shape}. '
            'Expected RGB, uint8, (H, W, 3).'
        )
    return image


class Images(BaseDataset):
    """Images that a pipeline prepares.

    Args:
        images (Sequence[AnyImage]): See :func:`pixels_of`.
        pipeline (list): Transforms. Images in memory need
            :class:`mmsca.LoadImage` as the first.
    """

    def __init__(self, images: Sequence[AnyImage], pipeline: list) -> None:
        self.images = list(images)
        super().__init__(
            pipeline=pipeline, test_mode=True, serialize_data=False
        )

    def load_data_list(self) -> list[dict]:
        """One sample per image."""
        return [
            dict(img_path=str(image))
            if isinstance(image, (str, PathLike))
            else dict(pixels=image)
            for image in self.images
        ]

    def prepare_data(self, index: int) -> dict:
        """A sample after the pipeline.

        Raises:
            InputError: If the image cannot be loaded; the message names it.
        """
        data = self.get_data_info(index)
        try:
            if 'img_path' in data:
                return self.pipeline(data)
            return self.prepare_pixels(data)
        except InputError:
            raise
        # Transforms of a config fail each in its own way.
        except Exception as error:
            name = data.get('img_path', f'number {index}')
            raise InputError(
                f"The image '{name}' cannot be loaded: "
                f'{str(error) or type(error).__name__}. Replace it or take it '
                'away.'
            ) from error

    def prepare_pixels(self, data: dict) -> dict:
        """An image in memory after all transforms but the first."""
        first, *others = self.pipeline.transforms
        if not isinstance(first, LoadImage):
            raise InputError(
                'The pipeline does not begin with mmsca.LoadImage, so that '
                'only files go through it. Give paths.'
            )
        img = cv2.cvtColor(pixels_of(data.pop('pixels')), cv2.COLOR_RGB2BGR)
        shape = img.shape[:2]
        data.update(img=img, img_shape=shape, ori_shape=shape)
        for transform in others:
            data = transform(data)
        return data

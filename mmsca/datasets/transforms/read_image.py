"""Reading an image no larger than it is needed."""

import io
from collections.abc import Callable

import numpy as np
import torch
from mmengine.fileio import get
from PIL import ExifTags, Image, ImageOps
from torchvision.io import decode_jpeg

from mmsca.utils.errors import InputError


class ImageFile:
    """An image that is decoded once it is known what it is needed for.

    Args:
        path (str): Path or URL, as `mmengine.fileio.get` takes them.

    Attributes:
        size (tuple[int, int]): Width and height in pixels, upright: as the
            EXIF orientation says.

    Raises:
        InputError: If this is no image.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.checked(self._open)

    def _open(self) -> None:
        self.data = get(self.path)
        self.image = Image.open(io.BytesIO(self.data))
        exif = self.image.getexif()
        self.orientation = exif.get(ExifTags.Base.Orientation, 1)
        turned = self.orientation >= 5
        self.size = self.image.size[:: -1 if turned else 1]

    def decode(self, scale: float = 1.0) -> np.ndarray:
        """Decode the image.

        Args:
            scale (float): Size that suffices, as a fraction of the full one.
                JPEG is then decoded at 1/2, 1/4 or 1/8 if that is as large.

        Returns:
            np.ndarray: RGB, uint8, (H, W, 3), upright.

        Raises:
            InputError: If the file is broken or cut off.
        """
        return self.checked(lambda: self._decode(scale))

    def _decode(self, scale: float) -> np.ndarray:
        width, height = full = self.image.size
        # Not smaller than this, but for less than a pixel.
        self.image.draft('RGB', (int(width * scale), int(height * scale)))
        kind = self.image.format, self.image.mode, self.orientation
        if kind == ('JPEG', 'RGB', 1) and self.image.size == full:
            # The same pixels, in two thirds of PIL's time.
            data = torch.frombuffer(bytearray(self.data), dtype=torch.uint8)
            return decode_jpeg(data).permute(1, 2, 0).numpy()
        ImageOps.exif_transpose(self.image, in_place=True)
        image = self.image
        return np.array(image if image.mode == 'RGB' else image.convert('RGB'))

    def checked(self, read: Callable):
        """What `read` returns, or an error that names the file."""
        try:
            return read()
        # What PIL raises for broken files of one format or another.
        except (
            OSError,
            SyntaxError,
            ValueError,
            RuntimeError,  # of torchvision
            Image.DecompressionBombError,
        ) as error:
            raise InputError(
                f"The image '{self.path}' cannot be read ({error}). Replace "
                'the file or take it out of the data set.'
            ) from error

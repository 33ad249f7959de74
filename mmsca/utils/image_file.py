"""Reading an image no larger than it is needed, in the frame it is needed."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.fileio import get
from PIL import ExifTags, Image, UnidentifiedImageError
from torchvision.io import decode_jpeg

from mmsca.utils.errors import InputError
from mmsca.utils.pixels import rgb_pixels, turn


class ImageFile:
    """An image that is decoded once it is known what it is needed for.

    The one decoder of mmsca: docs/images.md says what it makes of each kind
    of image.

    Args:
        path (str): Path or URL, as `mmengine.fileio.get` takes them.

    Attributes:
        size (tuple[int, int]): Width and height in pixels, upright: as the
            EXIF orientation says.
        stored_size (tuple[int, int]): The same of the pixels as they are
            stored, for what was annotated without regard to EXIF.

    Raises:
        InputError: If this is no image.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with refuse_broken(path):
            self.data = get(path)
            self.image = Image.open(io.BytesIO(self.data))
        self.orientation = orientation_of(self.image)
        width, height = self.image.size
        quarter = self.orientation >= 5
        # Pillow has the size of a TIFF upright already.
        swapped = quarter and self.image.format != 'TIFF'
        self.size = (height, width) if swapped else (width, height)
        self.stored_size = self.size[::-1] if quarter else self.size

    def is_upright(self, size: tuple[int, int] | None) -> bool:
        """Whether annotations were drawn on the upright image.

        Args:
            size (tuple[int, int] | None): Width and height that they are
                for, or None if they do not say, which counts as upright.

        Raises:
            InputError: If the image has another size upright and as stored.
        """
        if size in (None, self.size):
            return True
        if size == self.stored_size:
            return False
        raise InputError(
            f"The image '{self.path}' has {size_text(self.size)} pixels, but "
            f'its annotation is for {size_text(size)}: boxes and masks would '
            'not be where the objects are. Take the images that were '
            'annotated, or correct width and height in the annotation.'
        )

    def decode(self, scale: float = 1.0, upright: bool = True) -> np.ndarray:
        """Decode the image.

        Args:
            scale (float): Size that suffices, as a fraction of the full one.
                JPEG is then decoded at 1/2, 1/4 or 1/8 if that is as large.
            upright (bool): Turn it as the EXIF orientation says.

        Returns:
            np.ndarray: RGB, uint8, (H, W, 3).

        Raises:
            InputError: If the file is broken or cut off.
        """
        width, height = full = self.image.size
        with refuse_broken(self.path):
            # Not smaller than this, but for less than a pixel.
            self.image.draft('RGB', (int(width * scale), int(height * scale)))
            kind = self.image.format, self.image.mode
            if kind == ('JPEG', 'RGB') and self.image.size == full:
                # The same pixels, in two thirds of PIL's time.
                data = torch.frombuffer(
                    bytearray(self.data), dtype=torch.uint8
                )
                pixels = decode_jpeg(data).permute(1, 2, 0).numpy()
            else:
                pixels = rgb_pixels(self.image)
        if self.image.format != 'TIFF':
            return turn(pixels, self.orientation) if upright else pixels
        if upright:
            return pixels  # Pillow turns a TIFF as it loads it.
        back = {6: 8, 8: 6}.get(self.orientation, self.orientation)
        return turn(pixels, back)


@contextmanager
def refuse_broken(path: str) -> Iterator[None]:
    """Turn what a decoder raises into an error that names the file."""
    try:
        yield
    # Decoders fail on broken files each in their own way.
    except Exception as error:
        reason = f' ({str(error) or type(error).__name__})'
        if isinstance(error, UnidentifiedImageError):
            reason = ': it is of no format that Pillow knows'
        raise InputError(
            f"The image '{path}' cannot be read{reason}. Replace the file or "
            'take it out of the data set.'
        ) from error


def orientation_of(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8. What is broken or none of these is 1."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    # The pixels are whole, whatever is wrong with what is said of them.
    except Exception:
        return 1
    return orientation if orientation in range(1, 9) else 1


def size_text(size: tuple[int, int]) -> str:
    """A size as a user writes it, width first."""
    return f'{size[0]} x {size[1]}'

"""The pixels of any image as RGB of 8 bits, by one rule for each mode."""

import numpy as np
from PIL import Image


def rgb_pixels(image: Image.Image) -> np.ndarray:
    """Pixels of the first frame, at the size that the file stores.

    Of 16 bits the high byte counts. Integers of 32 bits and floats do not say
    what is white, so they are stretched from the least to the largest value
    of the image. Everything else is Pillow's conversion to RGB, and alpha is
    dropped.

    Args:
        image (Image.Image): As Pillow opens it.

    Returns:
        np.ndarray: RGB, uint8, (H, W, 3).

    Raises:
        ValueError: If floats are not finite, or Pillow has no conversion.
    """
    if has_16_bits(image):
        gray = np.asarray(image) >> 8
    elif image.mode in ('I', 'F'):
        gray = stretch(np.asarray(image))
    else:
        # Pillow warns of it, though RGB has no place for it.
        image.info.pop('transparency', None)
        return np.array(image.convert('RGB'))
    return np.repeat(gray.astype(np.uint8)[..., None], 3, axis=2)


def has_16_bits(image: Image.Image) -> bool:
    """Whether this is grey of 16 bits.

    Pillow opens that as 32 bits in PGM, and before version 11 in PNG,
    formats that have no 32 bits.
    """
    return image.mode.startswith('I;16') or (
        image.mode == 'I' and image.format in ('PNG', 'PPM')
    )


def stretch(gray: np.ndarray) -> np.ndarray:
    """Values (H, W) on a scale from 0 to 255; all are 0 if all are equal."""
    low, high = float(gray.min()), float(gray.max())
    if not np.isfinite([low, high]).all():
        raise ValueError('it holds values that are not finite')
    return np.rint((gray.astype(float) - low) * (255 / ((high - low) or 1)))


def turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn stored pixels upright.

    Args:
        pixels (np.ndarray): Shape (H, W, 3).
        orientation (int): EXIF orientation, 1 to 8.

    Returns:
        np.ndarray: Shape (H, W, 3), or (W, H, 3) from orientation 5 on.
    """
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)

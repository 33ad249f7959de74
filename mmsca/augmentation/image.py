"""Augmenting one picture with PIL: the reference of the fast path."""

import numpy as np
import torchvision.transforms.functional as F
from PIL import Image, ImageFilter

from mmsca.augmentation.recipe import COLUMNS, JITTER, SLOTS

OPERATIONS = dict(
    brightness=F.adjust_brightness,
    contrast=F.adjust_contrast,
    saturation=F.adjust_saturation,
    hue=F.adjust_hue,
)


def augment_image(image: Image.Image, parameters: np.ndarray) -> Image.Image:
    """Flip, jitter, turn gray, blur and solarize, as SwAV's authors do.

    Args:
        image (Image.Image): RGB.
        parameters (np.ndarray): A row of what :meth:`Recipe.draw` gave.
    """
    value = dict(zip(COLUMNS, parameters.tolist(), strict=True))
    if value['flip']:
        image = F.hflip(image)
    for slot in parameters[SLOTS].astype(int):
        if slot >= 0:
            name = JITTER[slot]
            image = OPERATIONS[name](image, value[name])
    if value['gray']:
        image = F.rgb_to_grayscale(image, num_output_channels=3)
    image = image.filter(ImageFilter.GaussianBlur(value['blur']))
    return F.solarize(image, value['solarize'])

"""The laws of an augmentation, and what is drawn from them."""

from dataclasses import dataclass

import numpy as np

from mmsca.utils.errors import InputError

# Columns of the parameters of a view. `slot_*`: which operation of the jitter
# comes first, second, third and fourth, an index of JITTER; -1 without jitter.
# `hue`: fraction of the circle; `blur`: radius; `solarize`: threshold.
COLUMNS = (
    'flip',
    'brightness',
    'contrast',
    'saturation',
    'hue',
    'slot_0',
    'slot_1',
    'slot_2',
    'slot_3',
    'gray',
    'blur',
    'solarize',
)
JITTER = COLUMNS[1:5]
SLOTS = slice(5, 9)
# What changes nothing; no level is 256 or more.
NEUTRAL = np.array([0, 1, 1, 1, 0, -1, -1, -1, -1, 0, 0, 256], np.float32)


@dataclass(frozen=True)
class Recipe:
    """How views are augmented, in this order; the default is SwAV's.

    facebookresearch/swav, src/multicropdataset.py. Factors of the jitter are
    uniform in [1 - x, 1 + x], not below 0, hue in [-x, x], in any order, as
    in torchvision's ColorJitter.

    Args:
        flip (float): Probability of a horizontal flip.
        jitter (float): Probability of the colour jitter.
        brightness, contrast, saturation (float): Strengths of the jitter, 0
            or more.
        hue (float): Of the jitter, as a fraction of the colour circle, in
            [0, 0.5].
        gray (float): Probability of turning gray.
        blur (float): Probability of a Gaussian blur.
        radius (tuple[float, float]): Range of the standard deviation of the
            blur, in pixels, in [0, 2].
        solarize (float): Probability of inverting levels from `threshold`.
        threshold (int): In [0, 255].

    Raises:
        InputError: If a field is out of its range.
    """

    flip: float = 0.5
    jitter: float = 0.8
    brightness: float = 0.8
    contrast: float = 0.8
    saturation: float = 0.8
    hue: float = 0.2
    gray: float = 0.2
    blur: float = 0.5
    radius: tuple[float, float] = (0.1, 2.0)
    solarize: float = 0.0
    threshold: int = 128

    def __post_init__(self) -> None:
        probability = dict.fromkeys(
            ['flip', 'jitter', 'gray', 'blur', 'solarize'], (0, 1)
        )
        strength = dict.fromkeys(
            ['brightness', 'contrast', 'saturation'], (0, float('inf'))
        )
        limits = {**probability, **strength, 'hue': (0, 0.5)}
        limits |= {'radius': (0, 2), 'threshold': (0, 255)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= np.min(value) <= np.max(value) <= high:
                raise InputError(
                    f'recipe.{name} of mmsca.MultiCrop must be in '
                    f'[{low}, {high}], got {value}.'
                )

    def draw(self, num_views: int) -> np.ndarray:
        """Draw from NumPy's global generator, which `mmsca.SeedDraw` seeds.

        Returns:
            np.ndarray: Parameters (V, P), fp32, see :data:`COLUMNS`; those
            of :data:`NEUTRAL` for what does not happen.
        """
        # As many numbers whatever happens.
        u = np.random.rand(num_views, 14)
        probabilities = self.flip, self.jitter, self.gray, self.blur
        flip, jitter, gray, blur, solarize = (
            u[:, :5] < [*probabilities, self.solarize]
        ).T
        strength = np.array([self.brightness, self.contrast, self.saturation])
        low = np.maximum(1 - strength, 0)
        parameters = np.empty((num_views, len(COLUMNS)), np.float32)
        parameters[:, 0] = flip
        parameters[:, 1:4] = low + (1 + strength - low) * u[:, 5:8]
        parameters[:, 4] = self.hue * (2 * u[:, 8] - 1)
        parameters[:, SLOTS] = u[:, 9:13].argsort(axis=1)
        parameters[~jitter, 1:9] = NEUTRAL[1:9]
        parameters[:, 9] = gray
        shortest, longest = self.radius
        radius = shortest + (longest - shortest) * u[:, 13]
        parameters[:, 10] = np.where(blur, radius, 0)
        parameters[:, 11] = np.where(solarize, self.threshold, NEUTRAL[11])
        return parameters

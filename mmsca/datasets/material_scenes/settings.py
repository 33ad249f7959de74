"""All parameters of MaterialScenes and their defaults."""

import json
from dataclasses import asdict, dataclass

from mmsca.utils.errors import InputError

# Contrast of the photograph behind the objects: the shortcut a network can
# fall for.
CLUTTER = {'easy': 0.1, 'default': 0.2, 'hard': 0.5}


@dataclass(frozen=True)
class Settings:
    """What a MaterialScenes data set is made with.

    Sizes of objects are the longer side of the outline as a fraction of the
    side of the image.

    Args:
        num_train, num_val, num_test (int): Single-object scenes of each split.
        num_detection_train, num_detection_val, num_detection_test (int):
            Multi-object scenes of each split.
        seed (int): Seed of every scene, not negative.
        clutter (str): `easy`, `default` or `hard`; see :data:`CLUTTER`.
        size (int): Side of single-object scenes in pixels.
        detection_size (int): Side of multi-object scenes in pixels.
        object_size (tuple[float, float]): Range in single-object scenes.
        detection_object_size (tuple[float, float]): Range in multi-object
            scenes.
        num_objects (tuple[int, int]): Least and most objects of a
            multi-object scene.
        min_visible (float): Fraction of an object that later objects leave
            visible, at least.
        scale (tuple[float, float]): Range of the pixels of a scene per pixel
            of a photograph.
        tint (float): How far a random colour replaces the mean colour of a
            material: 0 keeps the photograph's, 1 tells nothing of the class.

    Raises:
        InputError: If a value cannot make a data set.
    """

    num_train: int = 2000
    num_val: int = 300
    num_test: int = 600
    num_detection_train: int = 300
    num_detection_val: int = 60
    num_detection_test: int = 100
    seed: int = 0
    clutter: str = 'default'
    size: int = 64
    detection_size: int = 128
    object_size: tuple[float, float] = (0.5, 0.85)
    detection_object_size: tuple[float, float] = (0.25, 0.5)
    num_objects: tuple[int, int] = (2, 4)
    min_visible: float = 0.6
    scale: tuple[float, float] = (0.3, 0.8)
    tint: float = 1.0

    def __post_init__(self):
        if self.clutter not in CLUTTER:
            raise InputError(
                f'clutter is {self.clutter!r}, but must be one of '
                f'{", ".join(CLUTTER)}.'
            )
        least = dict(
            num_train=10,
            num_val=10,
            num_test=10,
            num_detection_train=1,
            num_detection_val=1,
            num_detection_test=1,
            seed=0,
            size=32,
            detection_size=32,
        )
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise InputError(
                    f'{name} is {getattr(self, name)}, but must be at least '
                    f'{bound}.'
                )

        low, high = self.object_size
        if not 0 < low <= high <= 1:
            raise InputError(
                f'object_size is {self.object_size}, but must be two '
                'fractions in (0, 1], the smaller first.'
            )

    @property
    def background_contrast(self) -> float:
        """float: Factor on the background photograph's deviations."""
        return CLUTTER[self.clutter]

    def num_scenes(self, split: str, detection: bool) -> int:
        """Scenes of a split, with one object or several."""
        kind = 'num_detection_' if detection else 'num_'
        return getattr(self, kind + split)

    def to_dict(self) -> dict:
        """Fields as JSON reads them back: lists instead of tuples."""
        return json.loads(json.dumps(asdict(self)))

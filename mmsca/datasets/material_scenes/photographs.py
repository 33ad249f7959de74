"""The photographs that fill objects and backgrounds.

All of them ship inside the wheels of scikit-image and scikit-learn, so
nothing is downloaded. Where they come from and what rights they carry is
told in the docstrings of `skimage.data` and in the README of
`sklearn/datasets/images` (CC BY 2.0).
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from mmsca.utils.errors import InputError


class Photograph(NamedTuple):
    """A rectangle of a bundled photograph.

    Attributes:
        file (str): Path below `site-packages`.
        box (tuple[int, int, int, int]): x0, y0, x1, y1 in pixels of the file,
            exclusive end.
        axis (int): Axis along which the splits divide it, 0 for x and 1 for
            y; along it the photograph looks the same.
    """

    file: str
    box: tuple[int, int, int, int]
    axis: int = 0


# Rectangles leave out whatever is not the material: the cup beside the wood,
# the leaves behind the petals, the room behind the cat.
MATERIALS = {
    'brick': Photograph('skimage/data/brick.png', (0, 0, 512, 512)),
    'coins': Photograph('skimage/data/coins.png', (8, 8, 372, 295)),
    'fur': Photograph('skimage/data/chelsea.png', (30, 0, 330, 240)),
    'grass': Photograph('skimage/data/grass.png', (0, 0, 512, 512)),
    'gravel': Photograph('skimage/data/gravel.png', (0, 0, 512, 512)),
    'page': Photograph('skimage/data/page.png', (0, 0, 384, 191)),
    'petals': Photograph(
        'sklearn/datasets/images/flower.jpg', (207, 121, 407, 321)
    ),
    'stars': Photograph(
        'skimage/data/hubble_deep_field.jpg', (0, 0, 1000, 872)
    ),
    'tissue': Photograph('skimage/data/ihc.png', (0, 0, 512, 512), axis=1),
    'wood': Photograph('skimage/data/coffee.png', (480, 0, 600, 400)),
}
BACKGROUNDS = {
    'astronaut': Photograph('skimage/data/astronaut.png', (0, 0, 512, 512)),
    'camera': Photograph('skimage/data/camera.png', (0, 0, 512, 512)),
    'china': Photograph('sklearn/datasets/images/china.jpg', (0, 0, 640, 427)),
    'moon': Photograph('skimage/data/moon.png', (0, 0, 512, 512)),
    'motorcycle': Photograph(
        'skimage/data/motorcycle_left.png', (0, 0, 741, 500)
    ),
    'rocket': Photograph('skimage/data/rocket.jpg', (0, 0, 640, 427)),
}
# Alphabetical, as class folders are read: the index is the label.
CLASSES = tuple(sorted(MATERIALS))

SPLITS = ('train', 'val', 'test')
# Train, val and test lie between these fractions of a photograph.
ENDS = (0.0, 0.5, 0.7, 1.0)


def region_box(
    photograph: Photograph, split: str
) -> tuple[int, int, int, int]:
    """Part of a photograph that belongs to one of the :data:`SPLITS`.

    The box is x0, y0, x1, y1 in pixels of the file, exclusive end. Those of
    two splits share no pixel.
    """
    index, axis = SPLITS.index(split), photograph.axis
    box = list(photograph.box)
    start, length = box[axis], box[axis + 2] - box[axis]
    box[axis] = start + round(ENDS[index] * length)
    box[axis + 2] = start + round(ENDS[index + 1] * length)
    return tuple(box)


def find_file(file: str) -> Path:
    """Path of a bundled photograph, given below `site-packages`.

    Raises:
        InputError: If the package or its photograph is not installed.
    """
    package, _, rest = file.partition('/')
    spec = find_spec(package)
    path = spec and Path(spec.origin).parent / rest
    if not path or not path.is_file():
        raise InputError(
            f'The photograph {file} is not installed, but MaterialScenes is '
            'made from it: run `pip install scikit-image scikit-learn`.'
        )
    return path


@cache
def load_region(photograph: Photograph, split: str) -> np.ndarray:
    """Pixels of :func:`region_box`, RGB, uint8 (H, W, 3), read-only."""
    with Image.open(find_file(photograph.file)) as image:
        region = np.array(
            image.convert('RGB').crop(region_box(photograph, split))
        )
    region.setflags(write=False)
    return region

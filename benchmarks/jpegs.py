"""Photographs like those of ImageNet, to load."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from mmsca.datasets.material_scenes.photographs import find_file

# Of the wheels that MaterialScenes is made from.
SOURCES = (
    'skimage/data/brick.png',
    'skimage/data/chelsea.png',
    'sklearn/datasets/images/china.jpg',
    'sklearn/datasets/images/flower.jpg',
)
SIZE = (500, 375)  # the mean of ImageNet


def write_jpegs(
    folder: Path, count: int, distinct: int | None = None
) -> list[Path]:
    """Write cuts of the photographs, 500 x 375, at quality 90.

    Args:
        folder (Path): Where to.
        count (int): Files.
        distinct (int, optional): Pictures; further files are links to them.
            Defaults to as many as files.

    Returns:
        list[Path]: The files.
    """
    distinct = min(distinct or count, count)
    rng = np.random.default_rng(0)
    images = [Image.open(find_file(f)).convert('RGB') for f in SOURCES]
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f'{index:04}.jpg' for index in range(count)]
    for index, file in enumerate(files[:distinct]):
        image = images[index % len(images)]
        width = rng.integers(200, image.width)
        height = min(width * SIZE[1] // SIZE[0], image.height)
        x = rng.integers(0, image.width - width + 1)
        y = rng.integers(0, image.height - height + 1)
        box = (x, y, x + width, y + height)
        image.resize(SIZE, box=box).save(file, quality=90)
    for index, file in enumerate(files[distinct:]):
        os.link(files[index % distinct], file)
    return files

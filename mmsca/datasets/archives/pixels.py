"""CIFAR and STL-10: arrays of pixels become images in class folders.

torchvision reads them. It compares each file with the digest of the official
one first; the batches of CIFAR are pickles, which run code when they are read.
"""

from pathlib import Path

from rich.progress import track
from torchvision.datasets import CIFAR10, STL10, VisionDataset

from mmsca.utils.errors import InputError


def write_cifar(kind: type[CIFAR10], source: Path, folder: Path) -> None:
    """Write folder/{train,test}/CLASS/*.png from the batches in `source`.

    Raises:
        InputError: If a file is missing, or is not the official one.
    """
    for split in ('train', 'test'):
        data = read(kind, source, train=split == 'train')
        write_images(data, data.targets, folder / split)


def write_stl10(source: Path, folder: Path) -> None:
    """Write folder/{train,test}/CLASS/*.png, and folder/unlabeled/*.png."""
    for split in ('train', 'test', 'unlabeled'):
        data = read(STL10, source, split=split)
        labels = None if split == 'unlabeled' else data.labels
        write_images(data, labels, folder / split)


def read(kind: type[VisionDataset], source: Path, **split) -> VisionDataset:
    try:
        return kind(source, **split)
    except RuntimeError as error:
        folder = source / kind.base_folder
        raise InputError(
            f"'{folder}' is not {kind.__name__} as its archive has it: a "
            'file is missing or has another MD5 digest than the official '
            'one. Download the archive again.'
        ) from error


def write_images(data: VisionDataset, labels, folder: Path) -> None:
    """PNG files, numbered, in a folder for each class if there are labels."""
    progress = track(range(len(data)), f'images of {folder.name}')
    for number in progress:
        parent = folder
        if labels is not None:
            parent = folder / data.classes[labels[number]]
        parent.mkdir(parents=True, exist_ok=True)
        image, _ = data[number]
        image.save(parent / f'{number:06}.png')

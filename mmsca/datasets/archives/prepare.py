"""Prepare a data set that was downloaded."""

import shutil
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from torchvision.datasets import CIFAR10, CIFAR100

from mmsca.datasets.archives.pixels import write_cifar, write_stl10
from mmsca.datasets.folder_splits import write_splits
from mmsca.utils.errors import InputError


class Kind(NamedTuple):
    """A data set.

    Attributes:
        marker (str): File or folder by which its layout is known.
        archive (str): Where it comes from.
        write (Callable, optional): Takes the folder with the marker and a
            new folder, which it fills. None to take the layout as it is.
    """

    marker: str
    archive: str
    write: Callable[[Path, Path], None] | None = None


def link_imagenet100(source: Path, folder: Path) -> None:
    """Links to 100 classes of ImageNet in folder/{train,val}.

    The classes are those of Contrastive Multiview Coding (Tian et al.,
    arXiv:1906.05849; imagenet100.txt of github.com/HobbitLong/CMC).
    """
    text = files('mmsca.datasets.archives') / 'imagenet100.txt'
    for split in ('train', 'val'):
        (folder / split).mkdir(parents=True)
        for name in text.read_text().split():
            images = (source / split / name).absolute()
            if not images.is_dir():
                raise InputError(
                    f"'{images}' is missing. Expected ImageNet in class "
                    'folders, train/WNID and val/WNID.'
                )
            (folder / split / name).symlink_to(images)


KINDS = {
    'cifar10': Kind(
        CIFAR10.base_folder, CIFAR10.filename, partial(write_cifar, CIFAR10)
    ),
    'cifar100': Kind(
        CIFAR100.base_folder, CIFAR100.filename, partial(write_cifar, CIFAR100)
    ),
    'cub200': Kind('train_test_split.txt', 'CUB_200_2011.tgz'),
    'imagenet100': Kind(
        'train', 'ImageNet in class folders', link_imagenet100
    ),
    'stl10': Kind('stl10_binary', 'stl10_binary.tar.gz', write_stl10),
    'tinyimagenet': Kind('wnids.txt', 'tiny-imagenet-200.zip'),
}
NAMES = list(KINDS)


def prepare(name: str, source: Path, folder: Path) -> list[str]:
    """Check a data set, unpack it, and write its splits.

    Nothing is downloaded, and `source` stays as it is.

    Args:
        name (str): Of KINDS.
        source (Path): The archive, or the folder that it unpacks to.
        folder (Path): Where the images and `splits` go. It must not exist;
            until all is written it is called `.NAME.part`.

    Returns:
        list[str]: Names of the files in folder/splits.

    Raises:
        InputError: If `source` does not have the layout of the official
            archive, or `folder` exists.
    """
    kind = KINDS[name]
    if not source.exists():
        raise InputError(
            f"'{source}' does not exist. Expected {kind.archive}, which you "
            'download yourself, or the folder that it unpacks to.'
        )
    if folder.exists():
        raise InputError(
            f"'{folder}' exists. Remove it, or name another with --to."
        )
    part = folder.with_name(f'.{folder.name}.part')
    unpacked = folder.with_name(f'.{folder.name}.archive')
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(unpacked, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        root = source
        if source.is_file():
            root = unpacked
            unpack(source, root)
        root = find_root(root, kind.marker)
        if root is None:
            raise InputError(
                f"'{source}' has no {kind.marker}. Expected {kind.archive}, "
                'or the folder that it unpacks to.'
            )
        if kind.write:
            kind.write(root, part)
        elif source.is_file():
            root.replace(part)  # nobody else needs what was unpacked
        else:
            shutil.copytree(root, part, dirs_exist_ok=True)
        names = write_splits(part)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(unpacked, ignore_errors=True)
    return names


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip or tar file, whatever its compression, into a folder.

    Raises:
        InputError: If the file is neither, is cut short, or a member would
            lie outside.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                file.extractall(folder)  # drops leading / and ..
        else:
            with tarfile.open(archive) as file:
                file.extractall(folder, filter='data')
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise InputError(
            f"The archive '{archive}' cannot be unpacked: {error}. Expected "
            'a whole zip or tar file; download it again.'
        ) from error


def find_root(folder: Path, marker: str) -> Path | None:
    """Where a file or folder `marker` lies: here, one below, or one above."""
    above = [folder.parent] if folder.name == marker else []
    for candidate in (*above, folder, *sorted(folder.iterdir())):
        if (candidate / marker).exists():
            return candidate
    return None

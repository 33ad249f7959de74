"""What a label stands for: the names of classes, in one order."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from mmengine.dataset import BaseDataset

from mmsca.datasets.find_images import LITTER
from mmsca.utils.errors import InputError


def class_folders(folder: Path) -> list[str]:
    """Names of the folders in a folder, in alphabetic order.

    Those of the system are left out, as :func:`find_images` does.

    Raises:
        InputError: If the folder is missing or has no folder in it.
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted(e.name for e in entries if e.is_dir())
    except OSError as error:
        raise InputError(
            f"The folder of classes '{folder}' cannot be read "
            f'({error.strerror}). Point `data_root` and `data_prefix` of the '
            'data set to a folder with one folder of images for each class.'
        ) from error
    names = [n for n in names if not n.startswith('.') and n not in LITTER]
    if not names:
        raise InputError(
            f"'{folder}' has no folder in it. Expected one folder of images "
            'for each class.'
        )
    return names


def class_names(source: Path) -> tuple[str, ...]:
    """Names of classes, each at the place that is its label.

    Args:
        source (Path): A folder of class folders, or a text file with one
            name per line.

    Raises:
        InputError: If it is neither, or a name comes twice.
    """
    if source.is_dir():
        return tuple(class_folders(source))
    if not source.is_file():
        raise InputError(
            f"'{source}', which `classes` of the data set names, does not "
            'exist. Expected a folder with one folder for each class, or a '
            'text file with one name per line, below `data_root`.'
        )
    lines = source.read_text(encoding='utf-8').splitlines()
    names = tuple(line.strip() for line in lines if line.strip())
    if not names or len(set(names)) < len(names):
        raise InputError(
            f"The list of classes '{source}' is empty or has a name twice. "
            'Expected one name per line.'
        )
    return names


def refuse_unknown(
    names: Sequence[str], classes: Sequence[str], source: object
) -> None:
    """Refuse names, found in `source`, that are not among the classes.

    Raises:
        InputError: If one is unknown; it has the nearest name.
    """
    unknown = sorted(set(names) - set(classes))
    if unknown:
        near = get_close_matches(unknown[0], classes, 1)
        nearest = f' Is {unknown[0]} meant to be {near[0]}?' if near else ''
        raise InputError(
            f"'{source}' has unknown classes: {shorten(unknown)}. Known "
            f'are {shorten(classes)}.{nearest} Rename or remove what is '
            'unknown, or list all classes in `classes` of each data set.'
        )


def refuse_other_classes(**datasets: BaseDataset | None) -> None:
    """Refuse data sets whose labels do not stand for the same classes.

    Args:
        **datasets (BaseDataset | None): Data sets by the name of their
            loader. Those without names of classes are passed over.

    Raises:
        InputError: If one has other names than the first, or another order.
    """
    known = {
        loader: tuple(dataset.metainfo['classes'])
        for loader, dataset in datasets.items()
        if dataset is not None and dataset.metainfo.get('classes')
    }
    if not known:
        return
    (first, expected), *others = known.items()
    for loader, found in others:
        if found != expected:
            raise InputError(
                f'Labels mean one thing in {first} and another in {loader}: '
                f'the classes of the one are {shorten(expected)}; of the '
                f'other {shorten(found)}. Set `dataset.classes` (for '
                'annotation files `dataset.metainfo.classes`) of both to one '
                'list.'
            )


def shorten(names: Sequence[str]) -> str:
    """Their number, and the first twelve."""
    dots = ', ...' if len(names) > 12 else ''
    return f'{len(names)}: {", ".join(map(str, names[:12]))}{dots}'

"""The images of a folder, found in the same way by every tool."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mmengine.logging import print_log

from mmsca.utils.errors import InputError

# What Pillow reads and stores pictures, not documents, icons or videos.
IMAGE_EXTENSIONS = (
    '.apng', '.avif', '.bmp', '.dib', '.gif', '.j2k', '.jfif', '.jp2',
    '.jpe', '.jpeg', '.jpg', '.pbm', '.pcx', '.pgm', '.png', '.pnm',
    '.ppm', '.qoi', '.tga', '.tif', '.tiff', '.webp',
)  # fmt: skip
# What systems leave behind; __MACOSX and @eaDir hold copies of pictures.
LITTER = ('__MACOSX', '@eaDir', 'Thumbs.db', 'desktop.ini')


class FileCounts:
    """How many files a listing took and left, by ending."""

    def __init__(self) -> None:
        self.taken = Counter()
        self.left = Counter()

    def __str__(self) -> str:
        taken, left = by_kind(self.taken), by_kind(self.left)
        return (
            f'{self.taken.total()} images'
            + (f' ({taken})' if taken else '')
            + (f', left out: {left}' if left else '')
        )

    def report(
        self, folder: Path, extensions: tuple[str, ...] = IMAGE_EXTENSIONS
    ) -> None:
        """Print them, once for each data set.

        Raises:
            InputError: If no image was taken.
        """
        if not self.taken:
            raise InputError(
                f"The image folder '{folder}' holds no image, neither itself "
                f'nor in its folders: {self}. Known are '
                f'{", ".join(sorted(extensions))}. Check the folder, which '
                'is `data_root` and `data_prefix` in a config.'
            )
        print_log(f"'{folder}': {self}", 'current')


def by_kind(counter: Counter, most: int = 8) -> str:
    """The most frequent keys with their counts, and how many others."""
    frequent = counter.most_common(most)
    kinds = [f'{count} {kind}' for kind, count in frequent]
    others = counter.total() - sum(count for _, count in frequent)
    return ', '.join(kinds + ([f'{others} others'] if others else []))


def find_images(
    folder: str | Path,
    extensions: tuple[str, ...] = IMAGE_EXTENSIONS,
    counts: FileCounts | None = None,
) -> Iterator[str]:
    """Names of the images below a folder, at any depth.

    Links are followed, but not into a folder that they lie in. Hidden files
    and folders are passed over, and those of `LITTER`.

    Args:
        folder (str | Path): The folder.
        extensions (tuple[str]): In lower case, such as '.jpg'; that of a
            file may be in upper case.
        counts (FileCounts, optional): Counts what is taken and left.

    Yields:
        str: A name relative to the folder. All come in the order of sorted
        strings, though only one folder at a time is held and sorted.

    Raises:
        InputError: If a folder cannot be listed.
    """
    counts = FileCounts() if counts is None else counts
    return _walk(str(folder), extensions, counts, ())


def _walk(
    folder: str, extensions: tuple[str, ...], counts: FileCounts, above: tuple
) -> Iterator[str]:
    """`above` identifies the folders that this one lies in."""
    try:
        above = (*above, _identity(folder))
        with os.scandir(folder) as entries:
            entries = list(entries)
    except OSError as error:
        raise InputError(
            f"The folder '{folder}' cannot be listed ({error.strerror}). "
            'Mend it or take it away.'
        ) from error
    found = []
    for entry in entries:
        kind = _kind(entry)
        ending = os.path.splitext(entry.name)[1].lower() or 'without ending'
        if entry.name.startswith('.') or entry.name in LITTER:
            counts.left['hidden'] += 1
        elif kind == 'folder':
            if entry.is_symlink() and _identity(entry.path) in above:
                counts.left['loops of links'] += 1
            else:
                # With its slash, as in the names that it is sorted among.
                found.append(f'{entry.name}/')
        elif kind != 'file':
            counts.left[kind] += 1
        elif entry.name.lower().endswith(extensions):
            counts.taken[ending] += 1
            found.append(entry.name)
        else:
            counts.left[ending] += 1
    for name in sorted(found):
        if name.endswith('/'):
            below = os.path.join(folder, name)
            for rest in _walk(below, extensions, counts, above):
                yield name + rest
        else:
            yield name


def _kind(entry: os.DirEntry) -> str:
    try:
        if entry.is_dir():
            return 'folder'
        if entry.is_file():
            return 'file'
    except OSError:  # of a link to itself
        pass
    return 'broken links'


def _identity(folder: str) -> tuple[int, int]:
    status = os.stat(folder)
    return status.st_dev, status.st_ino

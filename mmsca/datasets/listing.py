"""The names of a folder's images, kept in a text file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmsca.datasets.file_names import FileNames
from mmsca.datasets.find_images import FileCounts, find_images
from mmsca.datasets.write_once import write_once
from mmsca.utils.errors import InputError


def names_text(folder: Path, extensions: tuple[str, ...]) -> bytearray:
    """Names of the images below a folder, as :class:`FileNames` takes them.

    Prints how many files were taken and left.

    Raises:
        InputError: If there is no image, or a line break in a name.
    """
    text, counts = bytearray(), FileCounts()
    for name in find_images(folder, extensions, counts):
        if '\n' in name:
            raise InputError(
                f"The name of '{folder}/{name}' has a line break. Rename it."
            )
        text += os.fsencode(name) + b'\n'
    counts.report(folder, extensions)
    return text


def listed_names(
    file: Path, folder: Path, extensions: tuple[str, ...]
) -> FileNames:
    """Names from a listing, which is written if it is missing.

    Its first line names the folder, the extensions and the number of
    images; a name per line follows. The names are relative to the folder,
    and none is looked up.

    Raises:
        InputError: If the listing is of another folder or not whole, or if
            there is nothing to list.
    """
    title = f'Images ({" ".join(sorted(extensions))}) of {folder.resolve()}: '

    def write(part):
        text = names_text(folder, extensions)
        head = f'{title}{text.count(10)}\n'
        part.write_bytes(os.fsencode(head) + text)

    write_once(file, file.exists, write)
    head, _, text = file.read_bytes().partition(b'\n')
    found, _, count = os.fsdecode(head).rpartition(': ')
    if f'{found}: ' != title:
        raise InputError(
            f"'{file}' is not a listing of '{folder}': its first line should "
            f"start with '{title}'. Name another file in `listing`, or "
            'remove this one; the next start writes it anew.'
        )
    names = FileNames(text)
    if str(len(names)) != count or not text.endswith(b'\n'):
        raise InputError(
            f"The listing '{file}' is not whole: it has {len(names)} of "
            f'{count} names. Remove it; the next start writes it anew.'
        )
    return names


@contextmanager
def blame_listing(listing: str) -> Iterator[None]:
    """Raise an InputError, in place of that of a file that is missing.

    It says that the listing still names the file. With '' for the listing
    errors stay as they are.
    """
    try:
        yield
    except (FileNotFoundError, InputError) as error:
        # A transform may have made a sentence of it.
        causes = error, error.__cause__
        missing = any(isinstance(c, FileNotFoundError) for c in causes)
        if not (listing and missing):
            raise
        raise InputError(
            f"The listing '{listing}' names a file that is gone ({error}). "
            'Remove the listing; the next start writes it anew.'
        ) from error

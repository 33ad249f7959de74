"""Names of a million files, without a Python object for each."""

import os
from collections.abc import Iterator, Sequence

import numpy as np


class FileNames(Sequence):
    """Names in one buffer, which forked workers share as it is.

    A list of strings would not stay shared: reading one counts a reference
    to it, which copies the page of memory that it lies on. ImageNet takes
    50 MB here.

    Args:
        text (bytes | bytearray): The names, each with a newline at its end.
    """

    def __init__(self, text: bytes | bytearray) -> None:
        self.text = np.frombuffer(text, np.uint8)
        self.ends = np.flatnonzero(self.text == ord('\n'))

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index: int) -> str:
        index = range(len(self))[index]
        start = self.ends[index - 1] + 1 if index else 0
        return os.fsdecode(self.text[start : self.ends[index]].tobytes())


def scan(folder: str, extensions: tuple[str, ...]) -> Iterator[str]:
    """Names of the files below a folder, as mmpretrain finds them.

    Links are followed and files whose name starts with a dot left out.

    Args:
        folder (str): The folder.
        extensions (tuple[str]): In lower case, such as '.jpg'; that of a
            file may be in upper case.

    Yields:
        str: A name relative to the folder. All come in the order of sorted
        strings, though only one folder at a time is held and sorted.
    """
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith('.') and entry.is_file():
                if entry.name.lower().endswith(extensions):
                    found.append(entry.name)
            elif entry.is_dir():
                # With its slash, as in the names that it is sorted among.
                found.append(f'{entry.name}/')
    for name in sorted(found):
        if name.endswith('/'):
            below = scan(os.path.join(folder, name), extensions)
            yield from (name + rest for rest in below)
        else:
            yield name

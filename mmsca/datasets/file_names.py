"""Names of a million files, without a Python object for each."""

import os
from collections.abc import Sequence

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

"""Rows of the past as registered state, and how many there are."""

import torch
from torch import nn


class CountedRows(nn.Module):
    """Base of modules that keep rows in buffers, newest first.

    Every rank holds the same rows, so a checkpoint of rank 0 is whole and
    loads under any number of ranks.

    Attributes:
        filled (Tensor): int64, rows that are filled; part of a checkpoint.
        count (int): The same, to be read without waiting for a device.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer('filled', torch.zeros((), dtype=torch.long))
        self.count = 0
        self.register_load_state_dict_post_hook(
            lambda module, _: module.set_count(int(module.filled))
        )

    def set_count(self, count: int) -> None:
        self.count = count
        self.filled.fill_(count)

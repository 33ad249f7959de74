"""Sampling whose random draws depend on nothing but what is drawn."""

from collections.abc import Iterator, Sized
from itertools import count

import numpy as np
import torch
from mmengine.dataset import DefaultSampler

from mmsca.registry import DATA_SAMPLERS


class Draw(int):
    """An index of a data set that knows what its randomness depends on.

    Args:
        index (int): Index in the data set.
        key (tuple[int, int]): Seed of the run and epoch.
    """

    def __new__(cls, index: int, key: tuple[int, int]) -> 'Draw':
        draw = super().__new__(cls, index)
        draw.key = key
        return draw

    def __getnewargs__(self) -> tuple:
        return int(self), self.key


@DATA_SAMPLERS.register_module()
class KeyedSampler(DefaultSampler):
    """mmengine's DefaultSampler, for runs that can be resumed exactly.

    It yields :class:`Draw`, from which :class:`mmsca.SeedDraw` seeds the
    augmentation of a sample: neither the number of workers nor a restart
    changes it. And it can start anywhere.

    Args:
        dataset (Sized): The data set.
        infinite (bool): Go on with the next epoch without end, for
            mmengine's IterBasedTrainLoop.
        **kwargs: As in :class:`mmengine.dataset.DefaultSampler`: `shuffle`,
            `seed`, `round_up`.
    """

    def __init__(
        self, dataset: Sized, infinite: bool = False, **kwargs
    ) -> None:
        super().__init__(dataset, **kwargs)
        self.infinite = infinite
        self.skipped = 0

    def skip(self, num_samples: int) -> None:
        """Let the next iteration pass over samples of this rank.

        They are counted from the start of the epoch.
        """
        self.skipped = num_samples

    def __iter__(self) -> Iterator[Draw]:
        skipped, self.skipped = self.skipped, 0
        if not self.infinite:
            yield from self._draws(self.epoch, skipped)
            return
        epochs, skipped = divmod(skipped, len(self))
        for epoch in count(self.epoch + epochs):
            yield from self._draws(epoch, skipped)
            skipped = 0

    def _draws(self, epoch: int, skipped: int) -> Iterator[Draw]:
        """This rank's draws of an epoch; the images of ranks alternate."""
        if self.shuffle:
            generator = torch.Generator().manual_seed(self.seed + epoch)
            indices = torch.randperm(len(self.dataset), generator=generator)
        else:
            indices = torch.arange(len(self.dataset))
        # The first images once more where the ranks cannot share evenly.
        indices = np.resize(indices.numpy(), self.total_size)
        key = self.seed, epoch
        # An array, as a list would hold an object for each image.
        for index in indices[self.rank :: self.world_size][skipped:]:
            yield Draw(index, key)

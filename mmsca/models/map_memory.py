"""A FIFO of past maps, for batches that hold few images of a cluster."""

from math import prod

import torch
from torch import Tensor, nn

from mmsca.models.embedding_queue import EmbeddingQueue
from mmsca.models.partners import Candidates
from mmsca.utils.errors import InputError


class MapMemory(nn.Module):
    """The last maps and descriptors of all ranks, as registered state.

    They come back from a checkpoint as they were, under any number of ranks,
    see :class:`EmbeddingQueue`.

    Args:
        length (int): L, maps over all ranks.
        map_shape (Sequence[int]): (C, H, W) of the maps.
        descriptor_dims (int): E.
    """

    def __init__(
        self, length: int, map_shape: tuple[int, ...], descriptor_dims: int
    ) -> None:
        super().__init__()
        self.map_shape = tuple(map_shape)
        row = prod(self.map_shape) + descriptor_dims
        self.queue = EmbeddingQueue(1, length, row, 'model.memory.length')

    def extend(self, candidates: Candidates) -> Candidates:
        """Candidates, and once it is full those of the memory.

        An image of the memory counts as another one, also where it is one of
        the batch seen an epoch ago.

        Raises:
            InputError: If the maps have another shape than those kept.
        """
        if candidates.maps.shape[1:] != self.map_shape:
            raise InputError(
                f'model.memory.map_shape is {self.map_shape}, but the maps '
                f'are {tuple(candidates.maps.shape[1:])}. They must agree.'
            )
        rows = self.queue.rows_if_full()[0]
        maps, descriptors = rows.tensor_split([prod(self.map_shape)], dim=1)
        ids = torch.arange(len(rows), device=rows.device)
        return Candidates(
            torch.cat(
                [
                    candidates.maps,
                    maps.to(candidates.maps).view(-1, *self.map_shape),
                ]
            ),
            torch.cat(
                [
                    candidates.descriptors,
                    descriptors.to(candidates.descriptors),
                ]
            ),
            torch.cat([candidates.image_ids, -1 - ids]),
            candidates.index,
        )

    def push(self, maps: Tensor, descriptors: Tensor) -> None:
        """Put this rank's maps (N, C, H, W) and descriptors (N, E) in."""
        self.queue.check_batch(len(maps))
        rows = torch.cat([maps.flatten(1).to(descriptors), descriptors], dim=1)
        self.queue.push(rows[None])

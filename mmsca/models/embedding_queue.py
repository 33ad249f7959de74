"""A FIFO of past embeddings, so that small batches fill many prototypes."""

import torch
from mmengine.dist import all_gather, get_rank, get_world_size
from torch import Tensor, nn


class EmbeddingQueue(nn.Module):
    """The last embeddings of all ranks, newest first, as registered state.

    Every rank holds the same rows, so a checkpoint of rank 0 is whole and
    loads under any number of ranks. For Sinkhorn each rank contributes its
    own slice of the rows.

    Args:
        num_views (int): A, assigned views; each has rows of its own.
        length (int): L, rows per view over all ranks.
        dim (int): D, embedding dimension.
    """

    def __init__(self, num_views: int, length: int, dim: int) -> None:
        super().__init__()
        self.register_buffer('rows', torch.zeros(num_views, length, dim))
        self.register_buffer('filled', torch.zeros((), dtype=torch.long))

    def slice_of_rank(self) -> Tensor:
        """This rank's rows, (A, L / ranks, D); no rows until it is full."""
        length = self.rows.size(1)
        if self.filled < length:
            return self.rows[:, :0]
        share = length // get_world_size()
        start = get_rank() * share
        return self.rows[:, start : start + share]

    @torch.no_grad()
    def push(self, z: Tensor) -> None:
        """Put this step's embeddings of all ranks in front.

        Args:
            z (Tensor): Shape (A, B, D), this rank's.

        Raises:
            ValueError: If the queue is shorter than the batch of all ranks.
        """
        z = torch.cat(all_gather(z.float()), dim=1)  # (A, B * ranks, D)
        length = self.rows.size(1)
        if z.size(1) > length:
            raise ValueError(
                f'queue_length={length} is shorter than the batch of all '
                f'ranks ({z.size(1)} images). Make it a multiple of the '
                'batch, or 0 to train without a queue.'
            )
        self.rows = torch.cat([z, self.rows], dim=1)[:, :length]
        self.filled.add_(z.size(1)).clamp_(max=length)

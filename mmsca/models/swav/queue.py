"""A FIFO of past embeddings, so that small batches fill many prototypes."""

import torch
from mmengine.dist import all_gather, get_rank, get_world_size
from torch import Tensor

from mmsca.models.counted_rows import CountedRows
from mmsca.utils.errors import InputError


class EmbeddingQueue(CountedRows):
    """The last embeddings of all ranks, newest first, as registered state.

    For Sinkhorn each rank contributes its own slice of the rows.

    Args:
        num_views (int): A, assigned views; each has rows of its own.
        length (int): L, rows per view over all ranks.
        dim (int): D, embedding dimension.
    """

    def __init__(self, num_views: int, length: int, dim: int) -> None:
        super().__init__()
        self.register_buffer('rows', torch.zeros(num_views, length, dim))

    def slice_of_rank(self) -> Tensor:
        """This rank's rows, (A, about L / ranks, D); none until it is full."""
        is_full = self.count == self.rows.size(1)
        rows = self.rows if is_full else self.rows[:, :0]
        return rows.tensor_split(get_world_size(), dim=1)[get_rank()]

    def check_batch(self, batch_size: int) -> None:
        """Refuse B images of this rank if those of all ranks do not fit in."""
        length, batch_size = self.rows.size(1), batch_size * get_world_size()
        if batch_size > length:
            raise InputError(
                f'model.head.queue_length={length} is shorter than the batch '
                f'of all ranks ({batch_size} rows). Make it a multiple of the '
                'batch, or leave it out.'
            )

    @torch.no_grad()
    def push(self, z: Tensor) -> None:
        """Put this step's embeddings, (A, B, D) per rank, in front."""
        # In the order of the images, which the sampler deals out in turn.
        z = torch.stack(all_gather(z.to(self.rows)), dim=2)
        z = z.flatten(1, 2)  # (A, B * ranks, D)
        length = self.rows.size(1)
        # A new tensor: what slice_of_rank gave away stays as it was.
        self.rows = torch.cat([z, self.rows], dim=1)[:, :length]
        self.set_count(min(self.count + z.size(1), length))

"""A FIFO of past candidates, for batches that hold few images of a cluster."""

import torch
from torch import Tensor

from mmsca.models.counted_rows import CountedRows
from mmsca.models.sca.partners import Candidates, ShortDescriptors
from mmsca.utils.errors import InputError


class CandidateMemory(CountedRows):
    """The last candidates of all ranks, newest first, as registered state.

    Every rank holds the same ones, so a checkpoint of rank 0 is whole and
    loads under any number of ranks. To fill it, all ranks gather all
    locations: it is meant for few ranks with small batches.

    Args:
        length (int): L, samples over all ranks.
        map_size (Sequence[int]): (H, W) of the maps.
        embed_dims (int): d, of a location.
        image_dims (int): D, of an embedding.
        num_codes (int): k, codes of an image.
    """

    def __init__(
        self,
        length: int,
        map_size: tuple[int, int],
        embed_dims: int,
        image_dims: int,
        num_codes: int,
    ) -> None:
        super().__init__()
        self.map_size = tuple(map_size)
        fp16, bf16 = torch.float16, torch.bfloat16
        for name, shape, dtype in (
            ('locations', (*self.map_size, embed_dims), bf16),
            ('embeddings', (image_dims,), fp16),
            ('prototypes', (num_codes,), torch.int32),
            ('codes', (num_codes,), fp16),
        ):
            rows = torch.zeros(length, *shape, dtype=dtype)
            self.register_buffer(name, rows)

    @torch.no_grad()
    def extend(self, candidates: Candidates) -> Candidates:
        """The candidates of the batch of all ranks, then those kept before.

        An image in the memory counts as another image, even if the batch has
        it too. The result has the locations of all. The memory then keeps
        the first L of it.

        Raises:
            InputError: If the maps have another size than those kept, or the
                batch of all ranks does not fit in.
        """
        self.check(candidates)
        rows = candidates.images._asdict()
        rows['locations'] = candidates.batch.gather(candidates.locations)
        for name, new in rows.items():
            kept = getattr(self, name)[: self.count]
            rows[name] = torch.cat([new, kept.to(new.dtype)])
        past = torch.arange(self.count, device=candidates.ids.device)
        self.keep(rows)
        locations = rows.pop('locations')
        return candidates._replace(
            images=ShortDescriptors(**rows),
            ids=torch.cat([candidates.ids, -1 - past]),
            locations=locations,
            gathered=True,
        )

    def keep(self, rows: dict[str, Tensor]) -> None:
        """The first L rows of each buffer."""
        length = len(self.locations)
        for name, value in rows.items():
            buffer = getattr(self, name)
            buffer[: len(value)] = value[:length].to(buffer.dtype)
        self.set_count(min(len(value), length))

    def check(self, candidates: Candidates) -> None:
        """Refuse candidates that do not fit in."""
        size = tuple(candidates.locations.shape[1:3])
        if size != self.map_size:
            raise InputError(
                f'model.memory.map_size is {self.map_size}, but the maps are '
                f'{size}. They must agree.'
            )
        length, batch_size = len(self.locations), len(candidates.ids)
        if batch_size > length:
            raise InputError(
                f'model.memory.length={length} is shorter than the batch of '
                f'all ranks ({batch_size} maps). Make it a multiple of the '
                'batch, or leave it out.'
            )

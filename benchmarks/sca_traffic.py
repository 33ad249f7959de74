"""Bytes that SCA moves between ranks: a model, and what gloo runs move.

A rank receives
- the short descriptors of all other samples: 2 D + 6 k bytes each;
- the locations of the partners that it chose, without those of its own: of
  N P choices among M samples `M (1 - (1 - 1 / M)^(N P))` are different ones;
  with fewer ranks than partners, those of all samples instead;
- the locations of S negatives in fp32, by an all-reduce of `2 (R - 1) / R`
  times their bytes;
- a few numbers: counts, the mean location, and the indices asked for.

Time is bytes over bandwidth, without latency. NVLink: 450 GB/s a direction
(900 GB/s in both, NVIDIA H100 datasheet). InfiniBand: 400 Gb/s a GPU (NVIDIA
DGX H100 datasheet: eight ConnectX-7 for eight GPUs).
"""

import statistics
from typing import NamedTuple

import torch
import torch.distributed as dist
import torch.nn.functional as F

from benchmarks.ranks import run_ranks
from mmsca.models import SpatialCrossAttention
from mmsca.models.sca.partners import NUM_CODES, short_descriptors

NVLINK, INFINIBAND = 450e9, 50e9  # bytes a second
# A machine has this many GPUs, which NVLink joins.
MACHINE = 8


class Sizes(NamedTuple):
    """N samples of two views, maps (C, side, side), embeddings of D."""

    samples: int
    channels: int
    side: int
    image_dims: int = 128
    embed_dims: int = 64
    partners: int = 4
    negatives: int = 16


def modelled_bytes(ranks: int, sizes: Sizes) -> dict[str, float]:
    """Bytes that a rank receives a step, by what they are."""
    n, others = sizes.samples, ranks - 1
    row = 2 * sizes.embed_dims * sizes.side**2  # locations of a sample
    total = n * ranks
    chosen = total * (1 - (1 - 1 / total) ** (n * sizes.partners))
    few = 8 * others + 8 * (sizes.embed_dims + 1) * others / ranks
    locations = others * n * row
    if ranks > sizes.partners:
        locations = chosen * others / ranks * row
        few += 8 * others + 8 * chosen * others / ranks
    return dict(
        short=others * n * (2 * sizes.image_dims + 6 * NUM_CODES),
        locations=locations,
        negatives=2 * others / ranks * sizes.negatives * 2 * row,
        few=few,
    )


def whole_maps_bytes(ranks: int, sizes: Sizes) -> float:
    """What it would be to gather all maps in fp32."""
    size = sizes.channels * sizes.side**2 * 4
    return (ranks - 1) * sizes.samples * size


class Received:
    """Counts what a rank receives, by wrapping the collectives of torch."""

    def __init__(self, ranks: int, rank: int) -> None:
        self.bytes = 0
        self.ranks, self.rank = ranks, rank
        for name in ('all_gather', 'all_reduce', 'all_to_all_single'):
            self.wrap(name, getattr(dist, name))

    def wrap(self, name: str, function) -> None:
        def counted(*args, **kwargs):
            self.bytes += getattr(self, name)(*args)
            return function(*args, **kwargs)

        setattr(dist, name, counted)

    def all_gather(self, results, tensor, *_) -> float:
        return (self.ranks - 1) * tensor.nbytes

    def all_reduce(self, tensor, *_) -> float:
        return 2 * (self.ranks - 1) / self.ranks * tensor.nbytes

    def all_to_all_single(self, result, tensor, received=None, *_) -> float:
        own = 1 / self.ranks
        if received is not None:
            own = received[self.rank] / max(sum(received), 1)
        return (1 - own) * result.nbytes


def attend(rank: int, sizes: Sizes) -> float:
    """The bytes that a rank receives in a step of SCA on random maps."""
    torch.manual_seed(rank)
    maps = torch.randn(sizes.samples, sizes.channels, sizes.side, sizes.side)
    z = F.normalize(torch.randn(sizes.samples, sizes.image_dims), dim=1)
    codes = torch.rand(sizes.samples, 300)
    sca = SpatialCrossAttention(
        sizes.channels, sizes.embed_dims, sizes.partners, sizes.negatives
    )
    received = Received(dist.get_world_size(), rank)
    sca(sca.candidates(maps, short_descriptors(z, codes), 2))
    return received.bytes


def counted_bytes(ranks: int, sizes: Sizes) -> float:
    """Bytes that a rank receives in a run over gloo, the mean of all."""
    return statistics.mean(run_ranks(attend, ranks, sizes))


def traffic_rows(ranks: tuple[int, ...], sizes: Sizes) -> list[dict]:
    """A row of the table for each number of ranks."""
    rows = []
    for count in ranks:
        parts = modelled_bytes(count, sizes)
        total = sum(parts.values())
        bandwidth = NVLINK if count <= MACHINE else INFINIBAND
        rows.append(
            {
                'ranks': count,
                'MB short': parts['short'] / 1e6,
                'MB locations': parts['locations'] / 1e6,
                'MB negatives': parts['negatives'] / 1e6,
                'MB in all': total / 1e6,
                'MB of whole maps': whole_maps_bytes(count, sizes) / 1e6,
                'ms': 1e3 * total / bandwidth,
            }
        )
    return rows

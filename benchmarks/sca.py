"""What SCA costs: time, memory, and bytes between ranks.

Alone on the maps of one rank, in the small space and in one of all channels;
a training step with and without it; the memory of past maps; and the bytes
that a rank receives, by the model of sca_traffic.py and counted over gloo.
"""

import torch
import torch.nn.functional as F

from benchmarks.ratio import Ratio, pairwise
from benchmarks.sca_traffic import (
    Sizes,
    counted_bytes,
    modelled_bytes,
    traffic_rows,
)
from benchmarks.step import build_step, make_views
from benchmarks.timing import alternate
from mmsca.engine.optimizers.bf16_optim_wrapper import has_fast_bf16
from mmsca.models import SpatialCrossAttention
from mmsca.models.sca.memory import CandidateMemory
from mmsca.models.sca.partners import NUM_CODES, short_descriptors

FULL = dict(
    batch_size=32,
    channels=2048,
    side=7,
    ranks=(2, 4, 8),
    calls=20,
    sizes=(224,) * 2 + (96,) * 6,
    steps=5,
)
SMALL = dict(
    batch_size=4,
    channels=64,
    side=2,
    ranks=(2,),
    calls=2,
    sizes=(64,) * 2 + (32,) * 2,
    steps=1,
    depth=18,
)
MODELLED_RANKS = (8, 64, 512, 1024)
MOST_MB = {8: 4, 1024: 40}
PAST_MAPS = 3840


def time_alone(sizes: Sizes, calls: int) -> list[Ratio]:
    """Seconds of SCA, in the small space and in one of all channels."""
    torch.manual_seed(0)
    shape = (sizes.samples, sizes.channels, sizes.side, sizes.side)
    maps = torch.rand(shape).to(memory_format=torch.channels_last)
    z = F.normalize(torch.randn(sizes.samples, sizes.image_dims), dim=1)
    images = short_descriptors(z, torch.rand(sizes.samples, 3000))

    def arm(embed_dims: int):
        sca = SpatialCrossAttention(sizes.channels, embed_dims)
        return lambda _: sca(sca.candidates(maps, images, 2))

    arms = dict(small=arm(sizes.embed_dims), whole=arm(sizes.channels))
    seconds = alternate(arms, range(calls + 1))
    return [
        Ratio('seconds, SCA alone', seconds['small'], at_most=0.2),
        Ratio(
            f'time, SCA alone, {sizes.embed_dims} / {sizes.channels} '
            'dimensions',
            pairwise(seconds['small'], seconds['whole']),
        ),
    ]


def time_steps(batch_size: int, sizes: tuple, steps: int, depth: int) -> Ratio:
    """A training step with SCA over one without."""
    precision = 'bf16' if has_fast_bf16('cpu') else 'fp32'
    arms = {
        arm: build_step(arm, len(sizes), precision, depth=depth)
        for arm in ('mmsca', 'mmsca + SCA')
    }
    views = make_views(batch_size, sizes, precision, 'cpu')
    seconds = alternate(arms, [views] * (steps + 1))
    return Ratio(
        f'time of a step, mmsca + SCA / mmsca, {precision}',
        pairwise(seconds['mmsca + SCA'], seconds['mmsca']),
        at_most=1.02,
    )


def memory_mb(sizes: Sizes) -> float:
    """Of past maps, as a rank and a checkpoint hold them."""
    memory = CandidateMemory(
        PAST_MAPS,
        (sizes.side, sizes.side),
        sizes.embed_dims,
        sizes.image_dims,
        NUM_CODES,
    )
    return sum(rows.nbytes for rows in memory.buffers()) / 1e6


def measure(
    batch_size: int,
    channels: int,
    side: int,
    ranks: tuple,
    calls: int,
    sizes: tuple,
    steps: int,
    depth: int = 50,
) -> tuple[list[Ratio], list[dict]]:
    """Ratios, and the bytes a rank receives by number of ranks.

    Args:
        batch_size (int): Images of a rank, two global views of each.
        channels (int): Of the maps.
        side (int): Of the maps.
        ranks (tuple): Numbers of gloo ranks to count bytes on.
        calls (int): Of SCA alone, after one that warms up.
        sizes (tuple): Side of each view of a step in pixels.
        steps (int): Of each arm, after one that warms up.
        depth (int): Of the ResNet of a step. Defaults to 50.
    """
    shape = Sizes(2 * batch_size, channels, side)
    ratios = [
        *time_alone(shape, calls),
        time_steps(batch_size, sizes, steps, depth),
        Ratio(
            f'MB, memory of {PAST_MAPS} maps', [memory_mb(shape)], at_most=60
        ),
    ]
    for count, most in MOST_MB.items():
        megabytes = sum(modelled_bytes(count, shape).values()) / 1e6
        name = f'MB that a rank of {count} receives, modelled'
        ratios.append(Ratio(name, [megabytes], at_most=most))
    for count in ranks:
        modelled = sum(modelled_bytes(count, shape).values())
        ratios.append(
            Ratio(
                f'bytes, counted / modelled, {count} ranks',
                [counted_bytes(count, shape) / modelled],
                at_most=1.05,
            )
        )
    return ratios, traffic_rows(MODELLED_RANKS, shape)

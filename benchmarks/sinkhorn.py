"""Sinkhorn as prototypes, batch and ranks grow.

Each rank is a process with one thread; they talk over gloo. Seconds are those
of the CPU, of the slowest rank, and leave out how long ranks wait for one
another. For more ranks than a machine has there is a model, `modelled_ms`.
"""

import math
import statistics
import time
from importlib.util import find_spec
from itertools import product

import torch

from benchmarks.ranks import run_ranks
from benchmarks.ratio import Ratio, pairwise
from benchmarks.timing import alternate
from mmsca.models.swav.sinkhorn import sinkhorn

FULL = dict(
    prototypes=(300, 3000, 30000),
    batches=(32, 256, 1024),
    ranks=(1, 2, 4),
    calls=20,
)
SMALL = dict(prototypes=(30,), batches=(4,), ranks=(1, 2), calls=2)
ITERATIONS, EPSILON = 3, 0.05
# Of the model, assumed: a network of 100 Gbit/s between machines.
LATENCY = 10e-6  # s a message
BANDWIDTH = 12.5e9  # bytes a second and rank
MODELLED_RANKS = (8, 64, 512, 1024)


def random_scores(batch: int, prototypes: int, seed: int) -> torch.Tensor:
    """Cosines of random directions in 128 dimensions, (batch, prototypes)."""
    generator = torch.Generator().manual_seed(seed)
    shape = (batch, prototypes)
    return torch.randn(shape, generator=generator) / math.sqrt(128)


def time_rank(rank: int, shapes: list, calls: int) -> list[float]:
    """CPU milliseconds a call for each shape, on one rank."""
    result = []
    for prototypes, batch in shapes:
        scores = random_scores(batch, prototypes, rank)
        sinkhorn(scores, EPSILON, ITERATIONS)
        seconds = []
        for _ in range(calls):
            start = time.process_time()
            sinkhorn(scores, EPSILON, ITERATIONS)
            seconds.append(time.process_time() - start)
        result.append(1e3 * statistics.median(seconds))
    return result


def time_ranks(world_size: int, shapes: list, calls: int) -> list[float]:
    """CPU milliseconds a call of the slowest rank, for each shape."""
    ranks = run_ranks(time_rank, world_size, shapes, calls)
    return [max(times) for times in zip(*ranks, strict=True)]


def modelled_ms(one_rank_ms: float, prototypes: int, ranks: int) -> float:
    """What a call should take on many ranks with the same batch each.

    One all-reduce of a single number, and one of K fp32 numbers per
    iteration: each sends and receives `2 (R - 1) / R` times its bytes, and
    has `2 ceil(log2 R)` messages one after another (reduce-scatter and
    all-gather by halving and doubling; Thakur et al., 2005).

    Args:
        one_rank_ms (float): What it takes without any other rank.
        prototypes (int): K.
        ranks (int): R.
    """
    collectives = 1 + ITERATIONS
    size = 4 * (1 + ITERATIONS * prototypes)  # bytes
    latency = collectives * 2 * math.ceil(math.log2(ranks)) * LATENCY
    transfer = 2 * (ranks - 1) / ranks * size / BANDWIDTH
    return one_rank_ms + 1e3 * (latency + transfer)


def compare_with_peers(
    prototypes: int, batch: int, calls: int, device: str = 'cpu'
) -> tuple[list[Ratio], list[dict]]:
    """Time on one rank beside that of mmpretrain and lightly, equal codes.

    Args:
        prototypes (int): K.
        batch (int): Images.
        calls (int): Of each.
        device (str): Where the scores are. Defaults to 'cpu'.

    Returns:
        tuple: Ratios, and milliseconds by arm.
    """
    from mmpretrain.models.losses.swav_loss import distributed_sinkhorn

    arms = {
        'mmsca': lambda s: sinkhorn(s, EPSILON, ITERATIONS),
        'mmpretrain': lambda s: distributed_sinkhorn(
            s, ITERATIONS, 1, EPSILON
        ),
    }
    if find_spec('lightly'):
        from lightly.loss.swav_loss import sinkhorn as lightly_sinkhorn

        arms['lightly'] = lambda s: lightly_sinkhorn(s, ITERATIONS, EPSILON)
    scores = random_scores(batch, prototypes, 0).to(device)
    codes = [arm(scores) for arm in arms.values()]
    for other in codes[1:]:
        torch.testing.assert_close(other, codes[0], rtol=1e-3, atol=1e-6)
    seconds = alternate(arms, [scores] * (calls + 1), device)
    rows = [
        {'arm': arm, 'ms': 1e3 * statistics.median(values)}
        for arm, values in seconds.items()
    ]
    return [
        Ratio(
            f'time, mmsca / {peer} (K {prototypes}, batch {batch})',
            pairwise(seconds['mmsca'], seconds[peer]),
            at_most=1.0 if device == 'cuda' and peer == 'lightly' else None,
        )
        for peer in list(arms)[1:]
    ], rows


def measure(
    prototypes: tuple, batches: tuple, ranks: tuple, calls: int
) -> tuple[list[Ratio], list[dict]]:
    """Ratios to the peers, and milliseconds by shape and ranks.

    Args:
        prototypes (tuple): Values of K.
        batches (tuple): Images of each rank.
        ranks (tuple): Numbers of ranks to start, the first 1.
        calls (int): Of each.
    """
    shapes = list(product(prototypes, batches))
    measured = {r: time_ranks(r, shapes, calls) for r in ranks}
    rows = []
    for i, (k, batch) in enumerate(shapes):
        row = {'K': k, 'batch of a rank': batch}
        row |= {f'ms, ranks {r}': ms[i] for r, ms in measured.items()}
        row['bytes reduced'] = 4 * (1 + ITERATIONS * k)
        one = measured[ranks[0]][i]
        for r in MODELLED_RANKS:
            row[f'modelled, ranks {r}'] = modelled_ms(one, k, r)
        rows.append(row)
    middle = shapes[len(shapes) // 2]
    return compare_with_peers(*middle, calls)[0], rows

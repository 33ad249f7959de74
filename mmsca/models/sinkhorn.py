"""Sinkhorn-Knopp over the batch of all ranks (Caron et al., 2020, SwAV).

Codes are the solution of an optimal transport between images and prototypes:
each image spreads a mass of one over the prototypes, each prototype receives
an equal share of all images. "All images" means those of every rank, so the
mass that a prototype has received is summed over ranks at each iteration.
"""

import torch
import torch.distributed as dist
from torch import Tensor


def _all_reduce(x: Tensor, op: dist.ReduceOp) -> Tensor:
    if dist.is_available() and dist.is_initialized():
        dist.all_reduce(x, op=op)
    return x


@torch.no_grad()
def sinkhorn(
    scores: Tensor, epsilon: float = 0.05, iterations: int = 3
) -> Tensor:
    """Turn scores into codes that use all prototypes equally.

    The maximum is subtracted over the batch of all ranks, not row by row: a
    factor per image would cancel, but one common factor keeps the masses of
    different images comparable in the first prototype sum, as in the
    authors' code. Everything runs in fp32, whatever the autocast.

    Args:
        scores (Tensor): Shape (N, K). Similarities of this rank's N images
            to the K prototypes; every rank passes the same N.
        epsilon (float): Entropy of the codes; the smaller, the harder.
        iterations (int): Normalizations of prototypes and images. Each
            costs one collective over K numbers.

    Returns:
        Tensor: Codes, shape (N, K), fp32; each row sums to 1, and over all
        ranks each column tends to N_total / K.
    """
    if scores.ndim != 2:
        raise ValueError(
            f'sinkhorn takes scores of shape (N, K), not '
            f'{tuple(scores.shape)}.'
        )
    logits = scores.float() / epsilon  # (N, K)
    logits -= _all_reduce(logits.max(), dist.ReduceOp.MAX)
    # exp underflows to 0 beyond 87 below the maximum. The floor keeps every
    # row and column sum positive, so that no division yields NaN.
    q = logits.exp_().clamp_(min=1e-30)  # (N, K)

    for _ in range(iterations):
        prototype_mass = _all_reduce(q.sum(dim=0), dist.ReduceOp.SUM)
        q /= prototype_mass  # (N, K) / (K, ): equal mass per prototype
        q /= q.sum(dim=1, keepdim=True)  # mass 1 per image
    return q

"""Sinkhorn-Knopp over the batch of all ranks (Caron et al., 2020, SwAV).

Codes are the solution of an optimal transport between images and prototypes:
each image spreads a mass of one over the prototypes, each prototype receives
an equal share of all images. "All images" means those of every rank, so the
mass that a prototype has received is summed over ranks at each iteration.
"""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor

# exp(-87) is the smallest normal number of fp32. A row is kept this far above
# the floor, so that its best prototypes remain told apart.
LOWEST_ROW_MAX = -50.0
FLOOR = 1e-36


def _all_reduce(x: Tensor, op: dist.ReduceOp) -> Tensor:
    if dist.is_available() and dist.is_initialized():
        dist.all_reduce(x, op=op)
    return x


def _kernel(scores: Tensor, epsilon: float) -> Tensor:
    """exp(scores / epsilon) up to a common factor, positive and finite.

    The maximum is subtracted over the batch of all ranks, not row by row: a
    factor per image would cancel at the end, but one common factor keeps the
    masses of different images comparable in the first prototype sum, as in
    the authors' code. Only rows that would underflow are lifted.
    """
    dtype = torch.promote_types(scores.dtype, torch.float32)
    logits = scores.to(dtype) / epsilon  # (N, K)
    # A rank without images takes part in the collective all the same.
    lowest = logits.new_full((), float('-inf'))  # made on the device
    top = logits.max() if len(logits) else lowest
    logits -= _all_reduce(top, dist.ReduceOp.MAX)
    row_max = logits.amax(dim=1, keepdim=True)  # (N, 1)
    logits += (LOWEST_ROW_MAX - row_max).clamp_(min=0)
    return logits.exp_().clamp_(min=FLOOR)


@torch.no_grad()
def sinkhorn(
    scores: Tensor,
    epsilon: float = 0.05,
    iterations: int = 3,
    hard: bool = False,
) -> Tensor:
    """Turn scores into codes that use all prototypes equally.

    Everything runs in fp32 or, for fp64 scores, in fp64, whatever the
    autocast. There is no host synchronization, and no collective depends on
    a value or on the number of rows, so that ranks never wait in vain.

    Args:
        scores (Tensor): Shape (N, K). Similarities of this rank's N images
            to the K prototypes. Ranks may pass different N, even 0.
        epsilon (float): Entropy of the codes; the smaller, the harder.
        iterations (int): Normalizations of prototypes and images. Each
            costs one collective over K numbers.
        hard (bool): Give each image wholly to its first prototype.

    Returns:
        Tensor: Codes, shape (N, K), fp32 or fp64; each row sums to 1, and
        over all ranks each column of soft codes tends to N_total / K.

    Raises:
        ValueError: If scores is no matrix, or epsilon or iterations is not
            positive.
    """
    if scores.ndim != 2:
        raise ValueError(
            f'sinkhorn takes scores of shape (N, K), not '
            f'{tuple(scores.shape)}.'
        )
    if epsilon <= 0 or iterations < 1:
        raise ValueError(
            'sinkhorn needs epsilon > 0 and iterations >= 1, got '
            f'{epsilon} and {iterations}.'
        )
    q = _kernel(scores, epsilon)  # (N, K)
    for _ in range(iterations):
        prototype_mass = _all_reduce(q.sum(dim=0), dist.ReduceOp.SUM)
        q /= prototype_mass  # (N, K) / (K, ): equal mass per prototype
        q /= q.sum(dim=1, keepdim=True)  # mass 1 per image
    if hard:
        return F.one_hot(q.argmax(dim=1), q.size(1)).to(q.dtype)
    return q

"""How partners respond to the locations of a map."""

import torch
import torch.nn.functional as F
from torch import Tensor


def best_match(queries: Tensor, keys: Tensor) -> Tensor:
    """Similarity of each location to its best match in each partner.

    Args:
        queries (Tensor): Shape (N, heads, HW, D), unit length along D.
        keys (Tensor): Shape (N, P, heads, HW', D), unit length along D.

    Returns:
        Tensor: Shape (N, P, HW), in [-1, 1], the mean over the heads.
    """
    similarity = torch.einsum(
        'nhqd,nphkd->nphqk', queries, keys
    )  # (N, P, heads, HW, HW')
    return similarity.amax(dim=4).mean(dim=2)


def attend(
    queries: Tensor, keys: Tensor, values: Tensor, temperature: float
) -> Tensor:
    """Values of each partner, as the locations attend to them.

    Args:
        queries (Tensor): Shape (N, heads, HW, D).
        keys (Tensor): Shape (N, P, heads, HW', D).
        values (Tensor): As `keys`.
        temperature (float): Of the softmax over HW'.

    Returns:
        Tensor: Shape (N, P, heads, HW, D).
    """
    queries = queries[:, None].expand(-1, keys.size(1), -1, -1, -1)
    return F.scaled_dot_product_attention(
        queries, keys, values, scale=1 / temperature
    )


def mean_match(queries: Tensor, keys: Tensor, temperature: float) -> Tensor:
    """As `best_match`, with an attention-weighted mean for the best.

    The mean of similarities q.k is the similarity of q to the mean key.
    """
    attended = attend(queries, keys, keys, temperature)
    return (queries[:, None] * attended).sum(dim=4).mean(dim=2)


def mean_over_partners(x: Tensor, valid: Tensor) -> Tensor:
    """Mean of x (N, P, ...) over the partners that are valid (N, P)."""
    weight = valid.to(x).view(*valid.shape, *[1] * (x.dim() - 2))
    return (x * weight).sum(dim=1) / weight.sum(dim=1)


def own_strength(maps: Tensor, candidates: Tensor) -> Tensor:
    """Length of the features of each location, without any partner.

    Args:
        maps (Tensor): Shape (N, C, H, W).
        candidates (Tensor): Shape (M, C, H', W').

    Returns:
        Tensor: Shape (N, HW), centred features in units of the mean length
        of those of all candidates.
    """
    tokens = candidates.flatten(2)  # (M, C, HW')
    center = tokens.mean(dim=(0, 2))[:, None]  # (C, 1)
    mean = (tokens - center).norm(dim=1).mean()
    return (maps.flatten(2) - center).norm(dim=1) / mean.clamp(min=1e-12)

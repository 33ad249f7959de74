"""Who may be compared with whom: candidates, and partners among them."""

from typing import NamedTuple

import torch
from mmengine.dist import all_gather, get_rank, get_world_size
from torch import Tensor

SOURCES = ('cluster', 'other_view', 'random')


class Candidates(NamedTuple):
    """Samples that partners are chosen from.

    Attributes:
        maps (Tensor): Shape (M, C, H, W), without gradient.
        descriptors (Tensor): Shape (M, E); products say how akin two are.
        image_ids (Tensor): Shape (M, ), int64. Views of one image share an
            id, its place in the batch of all ranks.
        index (Tensor): Shape (N, ), where this rank's own samples are.
    """

    maps: Tensor
    descriptors: Tensor
    image_ids: Tensor
    index: Tensor


@torch.no_grad()
def affinity_to(candidates: Candidates) -> Tensor:
    """How akin this rank's samples are to all, shape (N, M).

    Products of descriptors in their own precision: bf16 of an autocast would
    round away what tells candidates of one cluster apart.
    """
    descriptors = candidates.descriptors
    with torch.autocast(descriptors.device.type, enabled=False):
        return descriptors[candidates.index] @ descriptors.T


@torch.no_grad()
def batch_candidates(
    maps: Tensor, descriptors: Tensor, num_views: int, gather: bool
) -> Candidates:
    """The samples of the batch, of this rank or of all.

    Args:
        maps (Tensor): Shape (N, C, H, W), ordered view by view.
        descriptors (Tensor): Shape (N, E).
        num_views (int): Views of each image among the N.
        gather (bool): Whether to take the samples of all ranks.

    Returns:
        Candidates: Ranks one after the other, M = N or ranks * N.
    """
    n, rank, ranks = len(maps), 0, 1
    if gather:
        rank, ranks = get_rank(), get_world_size()
        maps = torch.cat(all_gather(maps.detach()))
        descriptors = torch.cat(all_gather(descriptors.detach()))
    # Samplers deal images out to the ranks one by one.
    ids = torch.arange(ranks * n // num_views, device=maps.device)
    ids = ids.view(-1, ranks).T[:, None].expand(-1, num_views, -1)
    index = torch.arange(n, device=maps.device) + rank * n
    return Candidates(maps, descriptors, ids.flatten(), index)


def select_partners(
    affinity: Tensor,
    image_ids: Tensor,
    index: Tensor,
    num_partners: int,
    source: str = 'cluster',
) -> tuple[Tensor, Tensor]:
    """For each sample, those that it is compared with.

    Args:
        affinity (Tensor): Shape (N, M), the larger the more akin, of N
            samples to M candidates.
        image_ids (Tensor): Shape (M, ), int64. Views of one image share an
            id.
        index (Tensor): Shape (N, ), where the samples are among the
            candidates.
        num_partners (int): P, the partners wanted per sample.
        source (str): 'cluster': the most akin samples of other images;
            'random': any samples of other images; 'other_view': other views
            of the same image. Defaults to 'cluster'.

    Returns:
        tuple[Tensor, Tensor]: Indices (N, P) and validity (N, P). Too few
        candidates leave the last columns invalid. Where no column would be
        valid, the first is another view of the same image (or, for a single
        view, the sample itself).
    """
    if source == 'random':
        affinity = draws(image_ids, index)
    views = source == 'other_view'
    return most_akin(affinity, image_ids, index, num_partners, views)


def select_strangers(
    image_ids: Tensor, index: Tensor, num_strangers: int
) -> tuple[Tensor, Tensor]:
    """For each sample, random others that its partners are told from.

    They are other images than random partners, if there are enough.

    Args:
        image_ids, index (Tensor): As in :func:`select_partners`.
        num_strangers (int): S, strangers wanted per sample.

    Returns:
        tuple[Tensor, Tensor]: Indices (N, S) and validity (N, S), as of
        :func:`select_partners`.
    """
    return most_akin(-draws(image_ids, index), image_ids, index, num_strangers)


def draws(image_ids: Tensor, index: Tensor) -> Tensor:
    """A random number for each pair of images, fp32 (N, M).

    It depends on the places of the two in their batch alone, so that any
    number of ranks draws the same. The batch itself is shuffled.

    The hash: primes of xxHash, shifts and factors of hash-prospector's
    [15 2c1b3c6d 12 297a2d39 15].
    """
    x = image_ids[index][:, None] * 0x9E3779B1 + image_ids * 0x85EBCA77
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        x = (x ^ (x >> shift)) * factor
    return ((x >> 15) & 0xFFFFFF).float()  # 24 bits, exact


def most_akin(
    affinity: Tensor,
    image_ids: Tensor,
    index: Tensor,
    number: int,
    views: bool = False,
) -> tuple[Tensor, Tensor]:
    """Samples of other images, or other views of the same, by affinity."""
    same_image = image_ids[index][:, None] == image_ids  # (N, M)
    itself = torch.zeros_like(same_image).scatter(1, index[:, None], True)
    allowed = same_image & ~itself if views else ~same_image
    affinity = affinity.masked_fill(~allowed, float('-inf'))
    # Stable, since the views of an image have the same draw.
    best, indices = affinity.sort(dim=1, descending=True, stable=True)
    best, indices = best[:, :number], indices[:, :number]  # (N, P)
    valid = best > float('-inf')

    # Another view of the same image; `argmax` takes itself if there is none.
    other_view = (same_image.float() - 0.5 * itself.float()).argmax(1)
    alone = ~valid[:, 0]
    indices[:, 0] = torch.where(alone, other_view, indices[:, 0])
    valid[:, 0] = True
    return indices, valid

"""Who may be compared with whom: candidates, and partners among them."""

from typing import NamedTuple

import torch
from mmengine.dist import all_gather, get_rank
from torch import Tensor

SOURCES = ('cluster', 'other_view', 'random')


class Candidates(NamedTuple):
    """Samples that partners are chosen from.

    Attributes:
        maps (Tensor): Shape (M, C, H, W), without gradient.
        descriptors (Tensor): Shape (M, E); products say how akin two are.
        image_ids (Tensor): Shape (M, ). Views of one image share an id.
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
    n, rank = len(maps), 0
    if gather:
        rank = get_rank()
        maps = torch.cat(all_gather(maps.detach()))
        descriptors = torch.cat(all_gather(descriptors.detach()))
    images_per_rank = n // num_views
    ids = torch.arange(len(maps) // num_views, device=maps.device)
    ids = ids.view(-1, 1, images_per_rank).expand(-1, num_views, -1)
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
        image_ids (Tensor): Shape (M, ). Views of one image share an id.
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
    same_image = image_ids[index][:, None] == image_ids[None, :]  # (N, M)
    itself = torch.zeros_like(same_image).scatter(1, index[:, None], True)
    if source == 'random':
        affinity = torch.rand_like(affinity)
    allowed = ~same_image
    if source == 'other_view':
        allowed = same_image & ~itself
    affinity = affinity.masked_fill(~allowed, float('-inf'))
    best, indices = affinity.topk(
        min(num_partners, affinity.size(1)), dim=1
    )  # (N, P)
    valid = best > float('-inf')

    # Another view of the same image; `argmax` takes itself if there is none.
    other_view = (same_image.float() - 0.5 * itself.float()).argmax(1)
    alone = ~valid[:, 0]
    indices[:, 0] = torch.where(alone, other_view, indices[:, 0])
    valid[:, 0] = True
    return indices, valid

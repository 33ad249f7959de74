"""Spatial Cross-Attention: where do the maps of related images correlate?

For each image, its map is compared, location by location, with the maps of a
few partners. Locations that find a strong answer get a large weight in a
mask, and the mask guides the pooling of the image's own map:

    partners -> cross-attention -> mask -> guided pooling

The functions below are these four steps. Nothing here knows of SwAV, crops
or ranks: the input is maps and an affinity between samples. The formulation
is this project's reading of the abstract of arXiv:2206.05028; there is no
public code to compare it with (see docs/method.md).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def select_partners(
    affinity: Tensor, image_ids: Tensor, index: Tensor, num_partners: int
) -> tuple[Tensor, Tensor]:
    """For each sample, the samples of other images that are most akin to it.

    Args:
        affinity (Tensor): Shape (N, M), the larger the more akin, of N
            samples to M candidates.
        image_ids (Tensor): Shape (M, ). Views of one image share an id and
            are not partners of one another.
        index (Tensor): Shape (N, ), where the samples are among the
            candidates.
        num_partners (int): P, the partners wanted per sample.

    Returns:
        tuple[Tensor, Tensor]: Indices (N, P) and validity (N, P). A batch of
        fewer other images leaves the last columns invalid. Where no column
        would be valid, the first is another view of the same image (or, for
        a single view, the sample itself).
    """
    same_image = image_ids[index][:, None] == image_ids[None, :]  # (N, M)
    num_partners = min(num_partners, affinity.size(1))
    affinity = affinity.masked_fill(same_image, float('-inf'))
    best, indices = affinity.topk(num_partners, dim=1)  # (N, P)
    valid = best > float('-inf')

    # Another view of the same image; `argmax` takes itself if there is none.
    other_view = same_image.float().scatter(1, index[:, None], 0.5).argmax(1)
    alone = ~valid[:, 0]
    indices[:, 0] = torch.where(alone, other_view, indices[:, 0])
    valid[:, 0] = True
    return indices, valid


def cross_attention(queries: Tensor, keys: Tensor) -> Tensor:
    """Cosine similarity of every location with every partner location.

    Args:
        queries (Tensor): Shape (N, HW, C), unit length along C.
        keys (Tensor): Shape (N, P, HW', C), unit length along C.

    Returns:
        Tensor: Shape (N, P, HW, HW'), in [-1, 1].
    """
    return torch.einsum('nqc,npkc->npqk', queries, keys)


def spatial_mask(
    similarity: Tensor, valid: Tensor, temperature: float
) -> Tensor:
    """How strongly the partners respond to each location.

    The response of a partner is its best matching location; partners are
    averaged; a softmax over the locations turns responses into weights.

    Args:
        similarity (Tensor): Shape (N, P, HW, HW').
        valid (Tensor): Shape (N, P), at least one True per row.
        temperature (float): Of the softmax; the smaller, the sharper.

    Returns:
        Tensor: Shape (N, HW), each row sums to 1.
    """
    best = similarity.amax(dim=3)  # (N, P, HW)
    weight = valid.to(best)[:, :, None]  # (N, P, 1)
    response = (best * weight).sum(1) / weight.sum(1)  # (N, HW)
    return (response / temperature).softmax(dim=1)


def guided_pooling(maps: Tensor, mask: Tensor) -> Tensor:
    """Mask-weighted sum of the locations.

    Args:
        maps (Tensor): Shape (N, C, H, W).
        mask (Tensor): Shape (N, 1, H, W), sums to 1 over H, W.

    Returns:
        Tensor: Shape (N, C). A uniform mask gives average pooling.
    """
    return (maps * mask).sum(dim=(2, 3))


class SpatialCrossAttention(nn.Module):
    """The add-on: maps and an affinity in, guided features and masks out.

    It has no parameters. The mask is computed without gradient: it says
    where to look, and the gradient of the loss goes through the maps.

    Args:
        num_partners (int): P, partners per sample. Defaults to 4.
        temperature (float): Of the softmax over locations. Defaults to 0.1.
    """

    def __init__(
        self, num_partners: int = 4, temperature: float = 0.1
    ) -> None:
        super().__init__()
        if num_partners < 1 or temperature <= 0:
            raise ValueError(
                'SpatialCrossAttention needs num_partners >= 1 and '
                f'temperature > 0, got {num_partners} and {temperature}.'
            )
        self.num_partners = num_partners
        self.temperature = temperature

    @torch.no_grad()
    def attend(
        self,
        maps: Tensor,
        affinity: Tensor,
        image_ids: Tensor,
        candidates: Tensor,
        index: Tensor,
    ) -> Tensor:
        """Masks, shape (N, 1, H, W), fp32, or fp64 for fp64 maps."""
        n, _, h, w = maps.shape
        partners, valid = select_partners(
            affinity, image_ids, index, self.num_partners
        )  # (N, P)
        dtype = torch.promote_types(maps.dtype, torch.float32)
        tokens = candidates.to(dtype).flatten(2).transpose(1, 2)  # (M, HW, C)
        # Features after a ReLU share a large common component; without it
        # the cosine tells locations apart.
        tokens = tokens - tokens.mean(dim=(0, 1))
        tokens = F.normalize(tokens, dim=2)
        # A best match is told from the next best in fp32 only.
        with torch.autocast(maps.device.type, enabled=False):
            similarity = cross_attention(tokens[index], tokens[partners])
        mask = spatial_mask(similarity, valid, self.temperature)
        return mask.view(n, 1, h, w)

    def forward(
        self,
        maps: Tensor,
        affinity: Tensor,
        image_ids: Tensor,
        candidates: Tensor | None = None,
        index: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Guide each map by its partners.

        Args:
            maps (Tensor): Shape (N, C, H, W).
            affinity (Tensor): Shape (N, M), e.g. codes times codes.
            image_ids (Tensor): Shape (M, ), the image of each candidate.
            candidates (Tensor, optional): Shape (M, C, H, W), the maps that
                partners are chosen from, the N among them. Defaults to the
                N alone.
            index (Tensor, optional): Shape (N, ), where the N are among the
                candidates. Defaults to the first ones.

        Returns:
            tuple[Tensor, Tensor]: Guided features (N, C) and masks
            (N, 1, H, W).
        """
        if candidates is None:
            candidates = maps
        if index is None:
            index = torch.arange(len(maps), device=maps.device)
        mask = self.attend(
            maps.detach(), affinity, image_ids, candidates.detach(), index
        )
        return guided_pooling(maps, mask.to(maps.dtype)), mask

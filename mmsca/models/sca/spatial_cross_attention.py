"""Spatial Cross-Attention: where do the maps of related images correlate?

Each location of a map is compared with the locations of a few partners. Those
that find a good match get a large weight in a mask, for the caller to use:

    partners -> cross-attention -> mask

Background matches background, in any two images. So the matches in random
images, the negatives, are subtracted from those in the partners: what is left
is what an image shares with its cluster more than with any other.

This is a reading of the abstract of arXiv:2206.05028; no public code is known
to compare it with (see docs/method.md).
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmsca.models.sca.partners import (
    SOURCES,
    Candidates,
    ShortDescriptors,
    select_negatives,
    select_partners,
    short_descriptors,
)
from mmsca.models.sca.rank_batch import RankBatch
from mmsca.utils.errors import InputError

# Of the largest intermediate tensor; 64 MiB in fp32.
MAX_ELEMENTS = 2**24


class Attention(NamedTuple):
    """What SCA says of N samples.

    Attributes:
        mask (Tensor): Shape (N, 1, H, W), fp32, sums to 1 over H, W.
        partners (Tensor): Shape (N, P), indices of candidates.
        valid (Tensor): Shape (N, P), whether a partner counts.
    """

    mask: Tensor
    partners: Tensor
    valid: Tensor


class SpatialCrossAttention(nn.Module):
    """The add-on: maps and short descriptors in, masks out.

    Locations are compared in a small space: a fixed random projection keeps
    the angles between features. Nothing here has parameters or a gradient.

    Args:
        in_channels (int): C, channels of the maps.
        embed_dims (int): d, dimensions of the small space; C if that is
            less.
        num_partners (int): P, partners per sample.
        num_negatives (int): S, random samples that all samples share. Their
            mean match is subtracted from the partners'.
        partners (str): 'cluster', 'random' or 'other_view', see
            :func:`select_partners`. 'none' is the control without attention:
            the mask is the length of features.
        temperature (float): Of the softmax over locations; the smaller, the
            sharper.
        group_size (int, optional): Consecutive ranks that partners and
            negatives come from, such as those of a machine. Defaults to None,
            all ranks.
    """

    def __init__(
        self,
        in_channels: int,
        embed_dims: int = 64,
        num_partners: int = 4,
        num_negatives: int = 16,
        partners: str = 'cluster',
        temperature: float = 0.1,
        group_size: int | None = None,
    ) -> None:
        super().__init__()
        if partners not in SOURCES:
            raise InputError(
                f"model.sca.partners is '{partners}'; it must be one of "
                f'{", ".join(SOURCES)}.'
            )
        self.num_partners = num_partners
        self.num_negatives = num_negatives
        self.partners = partners
        self.temperature = temperature
        self.group_size = group_size
        # Orthonormal directions (C, d), the same each time.
        generator = torch.Generator().manual_seed(0)
        normal = torch.randn(in_channels, embed_dims, generator=generator)
        directions = torch.linalg.qr(normal.double())[0].float()
        self.register_buffer('projection', directions)

    @torch.no_grad()
    def candidates(
        self,
        maps: Tensor,
        images: ShortDescriptors | None = None,
        num_views: int = 1,
        group_size: int | None = None,
    ) -> Candidates:
        """The samples of all ranks, which call this together.

        Args:
            maps (Tensor): Shape (N, C, H, W), ordered view by view.
            images (ShortDescriptors, optional): Of these N samples. Defaults
                to the mean of the locations of each.
            num_views (int): Views of each image among them.
            group_size (int, optional): In place of that of the module.
        """
        batch = RankBatch(
            len(maps), num_views, group_size or self.group_size, maps.device
        )
        locations = self.describe(maps, batch)  # (N, H, W, d)
        if images is None:
            mean = locations.float().mean(dim=(1, 2))  # (N, d)
            images = short_descriptors(F.normalize(mean, dim=1))
        images = ShortDescriptors(*(batch.gather(x) for x in images))
        return Candidates(images, batch.ids, batch.own, locations, batch)

    @torch.no_grad()
    def describe(self, maps: Tensor, batch: RankBatch) -> Tensor:
        """Maps in the small space, (N, C, H, W) -> (N, H, W, d), bf16.

        Features after a ReLU share a large common component. Without it the
        cosine tells locations apart.
        """
        with torch.autocast(maps.device.type, enabled=False):
            pixels = maps.movedim(1, 3).to(self.projection)  # (N, H, W, C)
            locations = pixels @ self.projection  # (N, H, W, d)
            center = batch.mean(locations.mean(dim=(1, 2)))  # (d, )
        return (locations - center).bfloat16()

    @torch.no_grad()
    def forward(self, candidates: Candidates) -> Attention:
        """Masks of those candidates that are samples of this rank."""
        partners, valid = select_partners(
            candidates, self.num_partners, self.partners
        )  # (N, P)
        locations = candidates.own_locations  # (N, H, W, d)
        n, h, w, _ = locations.shape
        # A best match is told from the next best in fp32 only.
        with torch.autocast(locations.device.type, enabled=False):
            queries = self.tokens(locations)  # (N, HW, d)
            if self.partners == 'none':
                length = queries.norm(dim=2)  # (N, HW)
                response = length / candidates.batch.mean(length).mean()
            else:
                keys = self.tokens(candidates.locations_of(partners))
                response = mean_match(queries, keys, valid)
                if self.num_negatives:
                    negatives, other = select_negatives(
                        candidates, self.num_negatives
                    )  # (S, ), (N, S)
                    keys = candidates.shared_locations(negatives)
                    keys = self.tokens(keys)  # (S, HW, d)
                    response -= mean_match(queries, keys, other)
            mask = (response / self.temperature).softmax(dim=1)  # (N, HW)
        return Attention(mask.view(n, 1, h, w), partners, valid)

    def tokens(self, locations: Tensor) -> Tensor:
        """Locations (..., H, W, d) as fp32 tokens (..., HW, d)."""
        return locations.flatten(-3, -2).to(self.projection.dtype)


def mean_match(queries: Tensor, keys: Tensor, valid: Tensor) -> Tensor:
    """Cosine of each location to its best match, the mean over images.

    Args:
        queries (Tensor): Shape (N, HW, d).
        keys (Tensor): Of P images per sample, shape (N, P, HW', d), or of S
            images that all samples share, (S, HW', d).
        valid (Tensor): Shape (N, P) or (N, S), which images count.

    Returns:
        Tensor: Shape (N, HW), in [-1, 1]; 0 where no image counts.
    """
    queries, keys = F.normalize(queries, dim=-1), F.normalize(keys, dim=-1)
    images, size = keys.shape[-3:-1]
    weight = valid / valid.sum(dim=1, keepdim=True).clamp(min=1)
    weight = weight.to(queries)[..., None]  # (N, P, 1)
    # Blocks of samples, so that memory does not grow with N x P.
    block = max(1, MAX_ELEMENTS // (queries.size(1) * images * size))
    results = []
    for start in range(0, max(len(queries), 1), block):
        rows = slice(start, start + block)
        own = keys if keys.dim() == 3 else keys[rows]
        cosine = queries[rows] @ own.flatten(-3, -2).mT  # (n, HW, P HW')
        best = cosine.unflatten(2, (images, size)).amax(dim=3)  # (n, HW, P)
        results.append((best @ weight[rows]).squeeze(2))
    return torch.cat(results)

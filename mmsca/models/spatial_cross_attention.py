"""Spatial Cross-Attention: where do the maps of related images correlate?

For each image, its map is compared, location by location, with the maps of a
few partners. Locations that find a strong answer get a large weight in a
mask, and the mask guides the pooling of the image's own map:

    partners -> cross-attention -> mask -> guided pooling

Background answers to background, in any two images. So the answer of random
strangers can be subtracted from that of the partners: what is left is what an
image shares with its cluster more than with any other.

The methods below are these steps. Nothing here knows of SwAV, crops or
ranks: the input is maps and an affinity between samples. The formulation is
this project's reading of the abstract of arXiv:2206.05028; there is no public
code to compare it with (see docs/method.md).
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmsca.models.partners import select_partners, select_strangers
from mmsca.models.responses import (
    attend,
    best_match,
    mean_match,
    mean_over_partners,
    own_strength,
)
from mmsca.models.sca_checks import check_choices, check_sizes

# Of the largest intermediate tensor; 64 MiB in fp32.
MAX_ELEMENTS = 2**24


class Guidance(NamedTuple):
    """What SCA says of N samples.

    Attributes:
        features (Tensor): Guided features, shape (N, C).
        mask (Tensor): Shape (N, 1, H, W), sums to 1 over H, W.
        partners (Tensor): Shape (N, P), indices of candidates.
        valid (Tensor): Shape (N, P), whether a partner counts.
    """

    features: Tensor
    mask: Tensor
    partners: Tensor
    valid: Tensor


def guided_pooling(maps: Tensor, mask: Tensor) -> Tensor:
    """Mask-weighted sum of the locations.

    Args:
        maps (Tensor): Shape (N, C, H, W).
        mask (Tensor): Shape (N, 1, H, W), sums to 1 over H, W.

    Returns:
        Tensor: Shape (N, C). A uniform mask gives average pooling.
    """
    # A product of matrices, which need not keep the weighted maps.
    mask = mask.to(maps.dtype).flatten(2)  # (N, 1, HW)
    return (maps.flatten(2) @ mask.mT).squeeze(2)


class SpatialCrossAttention(nn.Module):
    """The add-on: maps and an affinity in, guided features and masks out.

    Maps are looked at without gradient: the mask says where to look, and the
    gradient of the loss goes through the pooled map. Projections, if there
    are any, learn through the mask.

    Args:
        num_partners (int): P, partners per sample. Defaults to 4.
        num_strangers (int): S, random samples of other images, whose
            response is subtracted from that of the partners. Defaults to 0.
        partners (str): 'cluster', 'random' or 'other_view', see
            :func:`select_partners`. Defaults to 'cluster'.
        mask (str): Response of a partner to a location: 'best', the best
            match; 'mean', the attention-weighted mean; 'gated', a learned
            gate on the location and the values it attends to. 'own' asks no
            partner: the length of centred features, the control for
            attention. Defaults to 'best'.
        temperature (float): Of the softmax over locations and of the
            attention; the smaller, the sharper. Defaults to 0.1.
        residual (bool): Whether half of the weight is spread evenly, as in
            average pooling. Defaults to False.
        embed_dims (int, optional): Dimensions of learned projections. None
            compares the centred features themselves. Defaults to None.
        num_heads (int): Heads of the projections. Defaults to 1.
        in_channels (int, optional): C, needed by projections.
    """

    def __init__(
        self,
        num_partners: int = 4,
        num_strangers: int = 0,
        partners: str = 'cluster',
        mask: str = 'best',
        temperature: float = 0.1,
        residual: bool = False,
        embed_dims: int | None = None,
        num_heads: int = 1,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        check_choices(
            num_partners,
            num_strangers,
            partners,
            mask,
            temperature,
            embed_dims,
            num_heads,
        )
        self.num_partners = num_partners
        self.num_strangers = num_strangers
        self.partners = partners
        self.mask_form = mask
        self.temperature = temperature
        self.residual = residual
        self.num_heads = num_heads
        self.in_channels = in_channels
        self.learned = embed_dims is not None
        if self.learned:
            self.query = nn.Linear(in_channels, embed_dims)
            self.key = nn.Linear(in_channels, embed_dims)
        if mask == 'gated':
            self.value = nn.Linear(in_channels, embed_dims)
            self.gate = nn.Linear(2 * embed_dims, 1)

    def forward(
        self,
        maps: Tensor,
        affinity: Tensor,
        image_ids: Tensor,
        candidates: Tensor | None = None,
        index: Tensor | None = None,
    ) -> Guidance:
        """Guide each map by its partners.

        Args:
            maps (Tensor): Shape (N, C, H, W).
            affinity (Tensor): Shape (N, M), e.g. codes times codes.
            image_ids (Tensor): Shape (M, ), the image of each candidate.
            candidates (Tensor, optional): Shape (M, C, H', W'), the maps
                that partners are chosen from, the N among them. Defaults to
                the N alone.
            index (Tensor, optional): Shape (N, ), where the N are among the
                candidates. Defaults to the first ones.

        Returns:
            Guidance: The mask is fp32, or fp64 for fp64 maps.

        Raises:
            InputError: If the sizes do not agree.
        """
        candidates = maps if candidates is None else candidates
        if index is None:
            index = torch.arange(len(maps), device=maps.device)
        check_sizes(
            maps,
            affinity,
            image_ids,
            candidates,
            self.in_channels if self.learned else None,
        )
        partners, valid = select_partners(
            affinity, image_ids, index, self.num_partners, self.partners
        )  # (N, P)
        strangers = None
        if self.num_strangers:
            strangers = select_strangers(
                image_ids, index, self.num_strangers
            )  # 2 x (N, S)
        # A best match is told from the next best in fp32 only.
        dtype = torch.promote_types(maps.dtype, torch.float32)
        device = maps.device.type
        with (
            torch.autocast(device, enabled=False),
            torch.set_grad_enabled(self.learned and torch.is_grad_enabled()),
        ):
            mask = self.mask(
                maps.detach().to(dtype),
                candidates.detach().to(dtype),
                (partners, valid),
                strangers,
            )
        return Guidance(guided_pooling(maps, mask), mask, partners, valid)

    def mask(
        self,
        maps: Tensor,
        candidates: Tensor,
        partners: tuple[Tensor, Tensor],
        strangers: tuple[Tensor, Tensor] | None,
    ) -> Tensor:
        """Masks, shape (N, 1, H, W)."""
        n, _, h, w = maps.shape
        if self.mask_form == 'own':
            response = own_strength(maps, candidates)
            mask = (response / self.temperature).softmax(dim=1)
        else:
            mask = self.asked(maps, candidates, partners, strangers)
        if self.residual:
            mask = (mask + 1 / (h * w)) / 2
        return mask.view(n, 1, h, w)

    def asked(
        self,
        maps: Tensor,
        candidates: Tensor,
        partners: tuple[Tensor, Tensor],
        strangers: tuple[Tensor, Tensor] | None,
    ) -> Tensor:
        """Masks by what partners respond, shape (N, HW)."""
        n, _, h, w = maps.shape
        queries, keys, values = self.embed(maps, candidates)

        # Blocks of samples, so that memory does not grow with N x P.
        d = queries.size(3) * self.num_heads
        wanted = max(self.num_partners, self.num_strangers)
        size = wanted * keys.size(2) * (h * w * self.num_heads + d)
        samples = torch.arange(n, device=maps.device)
        masks = []
        for rows in samples.split(max(1, MAX_ELEMENTS // size)):
            own = queries[rows]
            chosen, valid = (x[rows] for x in partners)
            if self.mask_form == 'gated':
                mask = self.gates(own, keys[chosen], values[chosen], valid)
            else:
                response = self.response(own, keys[chosen], valid)
                if strangers is not None:
                    chosen, valid = (x[rows] for x in strangers)
                    response -= self.response(own, keys[chosen], valid)
                mask = (response / self.temperature).softmax(dim=1)
            masks.append(mask)
        return torch.cat(masks)

    def embed(
        self, maps: Tensor, candidates: Tensor
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """What locations are compared by.

        Args:
            maps (Tensor): Shape (N, C, H, W), fp32 or fp64.
            candidates (Tensor): Shape (M, C, H', W').

        Returns:
            tuple[Tensor, Tensor, Tensor | None]: Queries (N, heads, HW, D)
            and keys (M, heads, HW', D) of unit length, and the values of a
            gated mask, shape (M, heads, HW', D).
        """
        tokens = candidates.flatten(2).transpose(1, 2)  # (M, HW', C)
        # Features after a ReLU share a large common component; without it
        # the cosine tells locations apart.
        center = tokens.mean(dim=(0, 1))  # (C, )
        tokens = tokens - center
        own = maps.flatten(2).transpose(1, 2) - center  # (N, HW, C)
        queries = F.normalize(self.project(own, 'query'), dim=3)
        keys = F.normalize(self.project(tokens, 'key'), dim=3)
        values = None
        if self.mask_form == 'gated':
            values = self.project(tokens, 'value')
        return queries, keys, values

    def project(self, tokens: Tensor, name: str) -> Tensor:
        """Tokens (N, HW, C) to heads (N, heads, HW, D); learned or as is."""
        if self.learned:
            tokens = getattr(self, name)(tokens)
        return tokens.unflatten(2, (self.num_heads, -1)).transpose(1, 2)

    def response(self, queries: Tensor, keys: Tensor, valid: Tensor) -> Tensor:
        """How strongly images respond to each location, their mean.

        Args:
            queries (Tensor): Shape (N, heads, HW, D).
            keys (Tensor): Of P images, shape (N, P, heads, HW', D).
            valid (Tensor): Shape (N, P), at least one True per row.

        Returns:
            Tensor: Shape (N, HW), in [-1, 1].
        """
        if self.mask_form == 'best':
            response = best_match(queries, keys)  # (N, P, HW)
        else:
            response = mean_match(queries, keys, self.temperature)
        return mean_over_partners(response, valid)

    def gates(
        self, queries: Tensor, keys: Tensor, values: Tensor, valid: Tensor
    ) -> Tensor:
        """Learned gates on the locations and what they attend to.

        Args:
            queries, keys, valid (Tensor): As in `response`.
            values (Tensor): As `keys`.

        Returns:
            Tensor: Shape (N, HW), each row sums to 1.
        """
        attended = attend(queries, keys, values, self.temperature)
        attended = mean_over_partners(attended, valid)
        pair = torch.cat([queries, attended], dim=3)
        pair = pair.transpose(1, 2).flatten(2)  # (N, HW, 2 heads D)
        gate = self.gate(pair).sigmoid().squeeze(2)  # (N, HW)
        return gate / gate.sum(dim=1, keepdim=True)

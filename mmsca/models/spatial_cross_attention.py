"""Spatial Cross-Attention: where do the maps of related images correlate?

For each image, its map is compared, location by location, with the maps of a
few partners. Locations that find a strong answer get a large weight in a
mask, and the mask guides the pooling of the image's own map:

    partners -> cross-attention -> mask -> guided pooling

The functions below are these steps. Nothing here knows of SwAV, crops or
ranks: the input is maps and an affinity between samples. The formulation is
this project's reading of the abstract of arXiv:2206.05028; there is no public
code to compare it with (see docs/method.md).
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmsca.models.partners import SOURCES, select_partners
from mmsca.utils.errors import InputError

MASKS = ('best', 'mean', 'gated')
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
        partners (str): 'cluster', 'random' or 'other_view', see
            :func:`select_partners`. Defaults to 'cluster'.
        mask (str): Response of a partner to a location: 'best', the best
            match; 'mean', the attention-weighted mean; 'gated', a learned
            gate on the location and the values it attends to. Defaults to
            'best'.
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
        partners: str = 'cluster',
        mask: str = 'best',
        temperature: float = 0.1,
        residual: bool = False,
        embed_dims: int | None = None,
        num_heads: int = 1,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        if num_partners < 1 or temperature <= 0:
            raise InputError(
                'model.sca needs num_partners >= 1 and temperature > 0, got '
                f'{num_partners} and {temperature}.'
            )
        for name, value, choices in (
            ('partners', partners, SOURCES),
            ('mask', mask, MASKS),
        ):
            if value not in choices:
                raise InputError(
                    f"model.sca.{name} is '{value}'; it must be one of "
                    f'{", ".join(choices)}.'
                )
        if mask == 'gated' and embed_dims is None:
            raise InputError(
                "model.sca.mask='gated' is learned and needs "
                'model.sca.embed_dims, such as 64.'
            )
        if embed_dims is not None and embed_dims % num_heads:
            raise InputError(
                f'model.sca.embed_dims={embed_dims} must be a multiple of '
                f'model.sca.num_heads={num_heads}.'
            )
        self.num_partners = num_partners
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
        self.check(maps, affinity, image_ids, candidates)
        partners, valid = select_partners(
            affinity, image_ids, index, self.num_partners, self.partners
        )  # (N, P)
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
                partners,
                valid,
            )
        return Guidance(guided_pooling(maps, mask), mask, partners, valid)

    def mask(
        self, maps: Tensor, candidates: Tensor, partners: Tensor, valid: Tensor
    ) -> Tensor:
        """Masks, shape (N, 1, H, W)."""
        n, _, h, w = maps.shape
        queries, keys, values = self.embed(maps, candidates)

        # Blocks of samples, so that memory does not grow with N x P.
        d = queries.size(3) * self.num_heads
        size = partners.size(1) * keys.size(2) * (h * w * self.num_heads + d)
        blocks = torch.arange(n, device=maps.device)
        masks = [
            self.weights(
                queries[rows],
                keys[partners[rows]],
                None if values is None else values[partners[rows]],
                valid[rows],
            )
            for rows in blocks.split(max(1, MAX_ELEMENTS // size))
        ]
        mask = torch.cat(masks)  # (N, HW)
        if self.residual:
            mask = (mask + 1 / (h * w)) / 2
        return mask.view(n, 1, h, w)

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

    def weights(
        self,
        queries: Tensor,
        keys: Tensor,
        values: Tensor | None,
        valid: Tensor,
    ) -> Tensor:
        """How strongly the partners respond to each location.

        Args:
            queries (Tensor): Shape (N, heads, HW, D).
            keys (Tensor): Shape (N, P, heads, HW', D).
            values (Tensor, optional): As `keys`, of a gated mask.
            valid (Tensor): Shape (N, P), at least one True per row.

        Returns:
            Tensor: Shape (N, HW), each row sums to 1.
        """
        if self.mask_form == 'gated':
            attended = attend(queries, keys, values, self.temperature)
            attended = mean_over_partners(attended, valid)
            pair = torch.cat([queries, attended], dim=3)
            pair = pair.transpose(1, 2).flatten(2)  # (N, HW, 2 heads D)
            gate = self.gate(pair).sigmoid().squeeze(2)  # (N, HW)
            return gate / gate.sum(dim=1, keepdim=True)
        if self.mask_form == 'best':
            response = best_match(queries, keys)  # (N, P, HW)
        else:
            response = mean_match(queries, keys, self.temperature)
        response = mean_over_partners(response, valid)  # (N, HW)
        return (response / self.temperature).softmax(dim=1)

    def check(
        self,
        maps: Tensor,
        affinity: Tensor,
        image_ids: Tensor,
        candidates: Tensor,
    ) -> None:
        """Refuse sizes that do not agree."""
        expected = (len(maps), len(candidates))
        if affinity.shape != expected or len(image_ids) != expected[1]:
            raise InputError(
                f'SpatialCrossAttention got affinity {tuple(affinity.shape)} '
                f'and {len(image_ids)} image_ids for {expected[0]} maps and '
                f'{expected[1]} candidates. affinity must be {expected}, with '
                'an image id for each candidate.'
            )
        channels = {maps.size(1), candidates.size(1)}
        if self.learned:
            channels.add(self.in_channels)
        if len(channels) > 1:
            raise InputError(
                f'model.sca.in_channels is {self.in_channels}, but the maps '
                f'have {maps.size(1)} channels and those of the candidates '
                f'{candidates.size(1)}. They must agree.'
            )

"""Who is compared with whom: partners and negatives among candidates."""

from typing import NamedTuple

import torch
from torch import Tensor

from mmsca.models.sca.rank_batch import RankBatch

SOURCES = ('cluster', 'other_view', 'random', 'none')
# Codes decide who is similar; where they say nothing, embeddings do.
EMBEDDING_SHARE = 0.01
# Of the largest codes that ranks share. These hold nearly all of their mass.
NUM_CODES = 8


class ShortDescriptors(NamedTuple):
    """What all ranks know of an image: 2 D + 6 k bytes, 304 for D = 128.

    Attributes:
        embeddings (Tensor): Shape (M, D), fp16, unit length.
        prototypes (Tensor): Shape (M, k), int32, those of the largest codes,
            the largest first. k is 0 for methods without codes.
        codes (Tensor): Shape (M, k), fp16, these codes.
    """

    embeddings: Tensor
    prototypes: Tensor
    codes: Tensor


class Candidates(NamedTuple):
    """Samples that partners are chosen from.

    Attributes:
        images (ShortDescriptors): Of all M.
        ids (Tensor): Shape (M, ), int64. Views of one image share an id; it
            is negative for images of the past.
        own (Tensor): Shape (N, ), where this rank's samples are.
        locations (Tensor): Shape (L, H, W, d), bf16, descriptors of the
            locations of this rank's samples, L = N, or of all, L = M.
        batch (RankBatch): The samples that are not of the past.
        gathered (bool): Whether L = M.
    """

    images: ShortDescriptors
    ids: Tensor
    own: Tensor
    locations: Tensor
    batch: RankBatch
    gathered: bool = False

    @property
    def own_locations(self) -> Tensor:
        """Locations of this rank's samples, (N, H, W, d)."""
        return self.locations[self.own] if self.gathered else self.locations

    def locations_of(self, wanted: Tensor) -> Tensor:
        """Locations of samples (N, P), each rank its own: (N, P, H, W, d)."""
        if self.gathered:
            return self.locations[wanted]
        return self.batch.fetch(self.locations, wanted)

    def shared_locations(self, wanted: Tensor) -> Tensor:
        """Locations of samples (S, ), on all ranks the same: (S, H, W, d)."""
        if self.gathered:
            return self.locations[wanted]
        return self.batch.share(self.locations, wanted)


@torch.no_grad()
def short_descriptors(
    embeddings: Tensor, codes: Tensor | None = None
) -> ShortDescriptors:
    """Descriptors of embeddings (N, D), unit length, and of codes (N, K)."""
    if codes is None:
        codes = embeddings[:, :0]
    largest, prototypes = codes.topk(min(NUM_CODES, codes.size(1)), dim=1)
    return ShortDescriptors(
        embeddings.half(), prototypes.int(), largest.half()
    )


@torch.no_grad()
def similarity(images: ShortDescriptors, own: Tensor) -> Tensor:
    """Similarity of some images to all: q . q' + 0.01 z . z'.

    Args:
        images (ShortDescriptors): Of M images.
        own (Tensor): Shape (N, ), indices of some of them.

    Returns:
        Tensor: Shape (N, M), fp32. A bf16 result would round away what tells
        images of one cluster apart.
    """
    z = images.embeddings.float()  # (M, D)
    codes = images.codes.float()  # (M, k)
    with torch.autocast(z.device.type, enabled=False):
        result = EMBEDDING_SHARE * (z[own] @ z.T)
    for prototype, code in zip(
        images.prototypes[own].T, codes[own].T, strict=True
    ):  # N of each
        same = prototype[:, None, None] == images.prototypes  # (N, M, k)
        result += code[:, None] * (same * codes).sum(dim=2)
    return result


@torch.no_grad()
def select_partners(
    candidates: Candidates, num_partners: int, source: str = 'cluster'
) -> tuple[Tensor, Tensor]:
    """For each sample of this rank, those that it is compared with.

    Args:
        candidates (Candidates): N of them of this rank, M in all.
        num_partners (int): P, the partners wanted per sample.
        source (str): 'cluster': the most similar samples of other images;
            'random': any samples of other images; 'other_view': other views
            of the same image.

    Returns:
        tuple[Tensor, Tensor]: Indices (N, P) and validity (N, P). Too few
        candidates leave the last columns invalid. Where no column would be
        valid, the first is another view of the same image (or, for a single
        view, the sample itself).
    """
    ids, own = candidates.ids, candidates.own
    if source == 'random':
        score = random_numbers(ids[own][:, None], ids)
    else:
        score = similarity(candidates.images, own)  # (N, M)
    same_image = ids[own][:, None] == ids  # (N, M)
    itself = torch.zeros_like(same_image).scatter(1, own[:, None], True)
    views = source == 'other_view'
    allowed = same_image & ~itself if views else ~same_image
    score = score.masked_fill(~allowed, float('-inf'))
    # Stable, since the views of an image have the same random number.
    best, partners = score.sort(dim=1, descending=True, stable=True)
    best, partners = best[:, :num_partners], partners[:, :num_partners]
    valid = best > float('-inf')  # (N, P)

    # Another view of the same image; `argmax` takes itself if there is none.
    other_view = (same_image.float() - 0.5 * itself.float()).argmax(dim=1)
    alone = ~valid[:, 0]
    partners[:, 0] = torch.where(alone, other_view, partners[:, 0])
    valid[:, 0] = True
    return partners, valid


@torch.no_grad()
def select_negatives(
    candidates: Candidates, num_negatives: int
) -> tuple[Tensor, Tensor]:
    """Random samples of the batch, the same for all samples of all ranks.

    Args:
        candidates (Candidates): N of them of this rank.
        num_negatives (int): S, negatives wanted; all samples if they are
            fewer.

    Returns:
        tuple[Tensor, Tensor]: Indices (S, ), and whether each is of another
        image than the sample, (N, S).
    """
    ids = candidates.ids
    score = random_numbers(ids, 0)
    # Not those of a memory, which all ranks hold.
    score = score.masked_fill(ids < 0, float('-inf'))
    negatives = score.argsort(descending=True, stable=True)[:num_negatives]
    return negatives, ids[negatives] != ids[candidates.own][:, None]


def random_numbers(first: Tensor, second: Tensor | int) -> Tensor:
    """A random number for each pair of ids, in [0, 2^24), fp32.

    It depends on the places of the two in their batch alone, so that any
    number of ranks draws the same. The batch itself is shuffled.

    The hash: primes of xxHash, shifts and factors of hash-prospector's
    [15 2c1b3c6d 12 297a2d39 15].
    """
    x = first * 0x9E3779B1 + second * 0x85EBCA77
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        x = (x ^ (x >> shift)) * factor
    return ((x >> 15) & 0xFFFFFF).float()  # 24 bits, exact

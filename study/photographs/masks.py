"""Where a loss looks: the true box, SCA, and what they have to beat."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmsca.models.sca.partners import short_descriptors
from mmsca.models.sca.spatial_cross_attention import SpatialCrossAttention
from study.photographs.data import SIDE, Corners, coverage

SIGMA = 14  # of the middle, in pixels of an image


def box_mask(boxes: Tensor, views: list[Corners], size: int) -> Tensor:
    """The true box, and all locations where a view hardly shows it.

    Args:
        boxes (Tensor): Shape (B, 4).
        views (list[Corners]): A views of each image.
        size (int): H = W of the maps.

    Returns:
        Tensor: Shape (A * B, 1, H, W), sums to 1 over H, W.
    """
    shares = torch.cat([coverage(boxes, view, size) for view in views])
    total = shares.sum(dim=(1, 2), keepdim=True)  # in cells
    even = torch.full_like(shares, 1 / size**2)
    mask = torch.where(total > 0.5, shares / total.clamp(min=0.5), even)
    return mask[:, None]


def centre_mask(maps: Tensor) -> Tensor:
    """The middle of each view, whatever is there, (N, 1, H, W)."""
    size = maps.size(3)
    place = torch.arange(size, device=maps.device) + 0.5 - size / 2
    bell = torch.exp(-((place * SIDE / size / SIGMA) ** 2) / 2)
    mask = bell[:, None] * bell / bell.sum() ** 2  # (H, W)
    return mask.expand(len(maps), 1, -1, -1)


def even_mask(maps: Tensor) -> Tensor:
    """All locations alike, (N, 1, H, W)."""
    size = maps.size(3)
    return maps.new_full(
        (len(maps), 1, size, size), 1 / size**2, dtype=torch.float32
    )


def rim_mask(maps: Tensor, temperature: float = 0.1) -> Tensor:
    """Locations unlike the rim of their own view, (N, 1, H, W).

    Photographers leave the rim to the background.
    """
    _, _, h, w = maps.shape
    locations = maps.float().flatten(2).mT  # (N, HW, C)
    locations = F.normalize(locations - locations.mean(dim=(0, 1)), dim=2)
    rim = torch.ones(h, w, device=maps.device)
    rim[1:-1, 1:-1] = 0
    rim = rim.flatten()[:, None]  # (HW, 1)
    edge = (locations * rim).sum(dim=1) / rim.sum()  # (N, C)
    likeness = (locations @ edge[:, :, None]).squeeze(2)  # (N, HW)
    return (-likeness / temperature).softmax(dim=1).view(-1, 1, h, w)


def sca_mask(
    sca: SpatialCrossAttention, maps: Tensor, z: Tensor, codes: Tensor
) -> Tensor:
    """What mmsca.SpatialCrossAttention says of two views, (2B, 1, H, W)."""
    return sca(sca.candidates(maps, short_descriptors(z, codes), 2)).mask

"""Class activation maps as tensor functions: batched, fp32, without hooks.

A class map tells where in the last feature map A (N, C, h, w) the score of
one class y comes from. Two routes lead to it, and they agree where both
exist:

* Behind global average pooling and a linear layer W the class map is a
  weighted sum of channels, `sum_c W[y, c] A_c` (CAM, Zhou et al. 2016).
* For any other differentiable tail the weights are the spatial mean of the
  gradient of the score, `mean_hw d score_y / d A_c` (Grad-CAM, Selvaraju et
  al. 2017). Behind pooling and a linear layer they are `W[y, c] / hw`, so
  that Grad-CAM is the ReLU of CAM up to scale.

Maps that need no class tell where a backbone sees anything at all:

* the sum of the channels (ContrastiveCrop, Peng et al. 2022),
* the first principal component of the locations (Eigen-CAM, Muhammad and
  Yeasin 2020).

`normalize_maps` brings any of them to the size of the input and to [0, 1].
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from mmsca.utils.errors import InputError


def weigh_channels(features: Tensor, weights: Tensor) -> Tensor:
    """Sum of the channels of each map under its own weights.

    Args:
        features (Tensor): Feature maps A, (N, C, h, w).
        weights (Tensor): Weight of each channel, (N, C).

    Returns:
        Tensor: Class maps of any sign, fp32, (N, h, w).
    """
    with torch.autocast(features.device.type, enabled=False):
        return torch.einsum('nchw,nc->nhw', features.float(), weights.float())


def gradient_weights(
    features: Tensor, tail: Callable[[Tensor], Tensor], targets: Tensor
) -> Tensor:
    """Channel weights of Grad-CAM.

    The gradient runs from the score back to `features` and no further: the
    maps are detached first, so that it exists under `torch.no_grad()` and
    behind a frozen backbone, and nothing is written to `.grad` of a
    parameter. `torch.inference_mode()` cannot be left from inside and is not
    supported.

    Args:
        features (Tensor): Feature maps A, (N, C, h, w).
        tail (Callable): Takes `features` to class scores, (N, K). It must
            treat the samples of a batch apart from one another, as a network
            in eval mode does.
        targets (Tensor): Class index of each sample, (N,).

    Returns:
        Tensor: Spatial mean of the gradient, fp32, (N, C).
    """
    with (
        torch.enable_grad(),
        torch.autocast(features.device.type, enabled=False),
    ):
        leaf = features.detach().float().requires_grad_()
        scores = tail(leaf)  # (N, K)
        picked = scores.gather(1, targets.view(-1, 1))
        (gradient,) = torch.autograd.grad(picked.sum(), leaf)
    return gradient.mean(dim=(2, 3))


def channel_sum(features: Tensor) -> Tensor:
    """Sum of the channels of each map, fp32, (N, C, h, w) -> (N, h, w)."""
    return features.float().sum(dim=1)


def eigen_map(features: Tensor) -> Tensor:
    """First principal component of the locations of each map.

    Each location is a sample of C numbers, centred on the mean over the
    locations and projected on the direction of the largest variance. That
    direction has no sign of its own; here the map rises with the sum of the
    channels, so that it marks where the network responds more. What lies
    below the mean is cut off, as the grad-cam package does.

    (N, C, h, w) -> fp32 (N, h, w), not negative.
    """
    with torch.autocast(features.device.type, enabled=False):
        # fp64, because the products below square the condition number.
        points = features.double().flatten(2).transpose(1, 2)  # (N, hw, C)
        points = points - points.mean(dim=1, keepdim=True)
        # Of the two matrices with these eigenvalues the smaller.
        if points.size(1) <= points.size(2):
            values, vectors = torch.linalg.eigh(points @ points.mT)
            scale = values[:, -1:].clamp(min=0).sqrt()  # (N, 1)
            projection = vectors[..., -1] * scale  # (N, hw)
        else:
            _, vectors = torch.linalg.eigh(points.mT @ points)
            projection = (points @ vectors[..., -1:])[..., 0]
        agreement = (projection * points.sum(dim=2)).sum(dim=1, keepdim=True)
        projection = torch.where(agreement < 0, -projection, projection)
    return projection.relu().float().unflatten(1, features.shape[2:])


def check_interpolation(name: str, owner: str) -> None:
    """Refuse a `cam_interpolation` of a class that `normalize_maps` lacks."""
    known = ('bilinear', 'bicubic')
    if name not in known:
        raise InputError(
            f'`cam_interpolation` of {owner} must be one of {known}, not '
            f'{name!r}.'
        )


def normalize_maps(
    maps: Tensor, size: tuple[int, int], interpolation: str = 'bilinear'
) -> Tensor:
    """Upsample class maps and stretch each of them to [0, 1].

    The order matters: a cubic kernel overshoots, so that a map normalised
    before upsampling no longer spans [0, 1] after it.

    Args:
        maps (Tensor): Class maps, (N, h, w).
        size (tuple[int, int]): H and W of the result in pixels.
        interpolation (str): 'bilinear' or 'bicubic'.

    Returns:
        Tensor: (N, H, W) in [0, 1], all zero where a map is constant or
        holds a value that is not finite: such a map points nowhere.
    """
    maps = F.interpolate(
        maps.float()[:, None], size, mode=interpolation, align_corners=False
    )[:, 0]
    low = maps.amin(dim=(1, 2), keepdim=True)
    spread = maps.amax(dim=(1, 2), keepdim=True) - low
    usable = spread.isfinite() & (spread > 0)  # NaN and inf reach `spread`
    return torch.where(usable, (maps - low) / spread, 0.0)

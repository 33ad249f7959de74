"""Colour operations on batches of views, one factor per view.

Views are fp32 (N, 3, H, W), RGB, with levels in 0-255; factors have shape
(N, ). The operations are those of torchvision on float tensors: they keep
fractions, where PIL cuts them off after each operation.
"""

import torch
from torch import Tensor

# Rec. 601, as PIL's conversion to 'L'.
LUMA = (0.299, 0.587, 0.114)


def per_view(values: Tensor) -> Tensor:
    """One number per view (N, ), to be broadcast over (N, 3, H, W)."""
    return values[:, None, None, None]


def luma(views: Tensor) -> Tensor:
    """Gray version of views, (N, 1, H, W)."""
    red, green, blue = views.split(1, dim=1)
    gray = red * LUMA[0]
    return gray.add_(green, alpha=LUMA[1]).add_(blue, alpha=LUMA[2])


def adjust_brightness(views: Tensor, factors: Tensor) -> Tensor:
    """Scale all levels; 1 changes nothing, 0 is black."""
    return (views * per_view(factors)).clamp_(0, 255)


def adjust_contrast(views: Tensor, factors: Tensor) -> Tensor:
    """Scale the distance to the mean gray; 1 changes nothing."""
    mean = luma(views).flatten(1).mean(dim=1)
    scaled = views * per_view(factors)
    return scaled.add_(per_view(mean * (1 - factors))).clamp_(0, 255)


def adjust_saturation(views: Tensor, factors: Tensor) -> Tensor:
    """Scale the distance to the pixel's gray; 1 changes nothing."""
    gray = luma(views)
    return torch.lerp(gray, views, per_view(factors)).clamp_(0, 255)


def adjust_hue(views: Tensor, factors: Tensor) -> Tensor:
    """Turn the hue of HSV; factors are fractions of the circle.

    The largest and the smallest level of a pixel stay. With `c` between them
    and the hue `h` in [0, 6), HSV is the same as
    `red = low + c clamp(|h - 3| - 1, 0, 1)`,
    `green = low + c clamp(2 - |h - 2|, 0, 1)` and
    `blue = low + c clamp(2 - |h - 4|, 0, 1)`.
    """
    red, green, blue = views.split(1, dim=1)
    high = torch.maximum(torch.maximum(red, green), blue)
    low = torch.minimum(torch.minimum(red, green), blue)
    chroma = high - low
    # The hue times the chroma, by which channel is largest.
    blue_max = torch.add(red - green, chroma, alpha=4)
    green_max = torch.add(blue - red, chroma, alpha=2)
    red_max = green - blue
    # Signs instead of comparisons: a CPU is slow at selecting by booleans.
    hue = torch.lerp(green_max, blue_max, torch.sign(high - green))
    hue = torch.lerp(red_max, hue, torch.sign(high - red))
    # A gray pixel may have any hue.
    turns = hue.div_(6 * chroma.clamp(min=1e-6)).add_(per_view(factors))
    hue = turns.sub_(turns.floor()).mul_(6)  # in [0, 6]
    turned = torch.empty_like(views)
    for channel, (center, slope, offset) in enumerate(
        [(3, 1, -1), (2, -1, 2), (4, -1, 2)]
    ):
        share = (hue - center).abs_().mul_(slope).add_(offset).clamp_(0, 1)
        torch.addcmul(low, chroma, share, out=turned[:, channel : channel + 1])
    return turned


def to_gray(views: Tensor) -> Tensor:
    """The gray version in all three channels."""
    return luma(views).repeat(1, 3, 1, 1)


def solarize(views: Tensor, thresholds: Tensor) -> Tensor:
    """Invert the levels from a threshold on."""
    return torch.where(views < per_view(thresholds), views, 255 - views)

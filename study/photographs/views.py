"""Random views, made on the device from one generator."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mmsca.augmentation.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
    to_gray,
)
from study.photographs.data import SIDE, Corners


class Views:
    """The recipe of configs/sca/swav_r18_tinyimagenet.py, without a loader.

    Boxes are drawn once and cut to the image, where a loader draws again;
    the jitter has one order.

    Args:
        generator (torch.Generator): Of all numbers drawn.
    """

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator

    def rand(self, *shape: int) -> Tensor:
        return torch.rand(
            *shape, generator=self.generator, device=self.generator.device
        )

    def crop(self, count: int, scale: tuple[float, float]) -> Corners:
        """Boxes of an area in `scale`, a share of the image's."""
        u = self.rand(count, 5)
        area = SIDE**2 * (scale[0] + (scale[1] - scale[0]) * u[:, 0])
        aspect = torch.exp((2 * u[:, 1] - 1) * math.log(4 / 3))
        width = (area * aspect).sqrt().clamp(max=SIDE)
        height = (area / aspect).sqrt().clamp(max=SIDE)
        x0, y0 = (SIDE - width) * u[:, 2], (SIDE - height) * u[:, 3]
        return x0, y0, x0 + width, y0 + height, u[:, 4] < 0.5

    def cut(self, images: Tensor, corners: Corners, size: int) -> Tensor:
        """Crops (N, C, size, size), fp32, of images (N, C, H, W)."""
        x0, y0, x1, y1, flips = corners
        t = (torch.arange(size, device=images.device) + 0.5) / size
        across = torch.where(flips[:, None], 1 - t, t)  # (N, size)
        x = x0[:, None] + (x1 - x0)[:, None] * across
        y = y0[:, None] + (y1 - y0)[:, None] * t
        grid = torch.stack(
            [
                x[:, None, :].expand(-1, size, -1),
                y[:, :, None].expand(-1, -1, size),
            ],
            dim=3,
        )  # (N, size, size, 2)
        return F.grid_sample(
            images.float(),
            grid / SIDE * 2 - 1,
            padding_mode='border',
            align_corners=False,
        )

    def colour(self, views: Tensor) -> Tensor:
        """Jitter and gray, levels of 0-255 (N, 3, S, S)."""
        u = self.rand(len(views), 6)
        on = (u[:, 4] < 0.8).float()
        factors = 1 + 0.4 * (2 * u[:, :3] - 1) * on[:, None]
        views = adjust_brightness(views, factors[:, 0])
        views = adjust_contrast(views, factors[:, 1])
        views = adjust_saturation(views, factors[:, 2])
        views = adjust_hue(views, 0.1 * (2 * u[:, 3] - 1) * on)
        gray = (u[:, 5] < 0.2)[:, None, None, None]
        return torch.where(gray, to_gray(views), views)

"""SCA alone: SwAV with and without it, behind a backbone that costs nothing.

The configs are those of the step, with maps of a ResNet-50's size in place of
the ResNet-50. What differs is all that SCA does: partners, masks, guided
pooling, and the second pass through neck, codes and loss.
"""

import statistics
from collections.abc import Sequence

import torch
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope
from torch import Tensor, nn

from benchmarks.ratio import Ratio, pairwise
from benchmarks.step import CONFIGS
from benchmarks.timing import alternate

CHANNELS, STRIDE = 2048, 32


class FixedMaps(nn.Module):
    """Stands for a ResNet-50: the same maps whatever the pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.maps = {}

    def forward(self, views: Tensor) -> tuple[Tensor]:
        """Of views (N, 3, S, S) maps (N, C, S / 32, S / 32)."""
        side = -(-views.size(-1) // STRIDE)
        shape = len(views), CHANNELS, side, side
        if shape not in self.maps:
            maps = torch.randn(shape, device=views.device).relu_()
            # As a ResNet's under autocast.
            self.maps[shape] = maps.to(
                torch.bfloat16, memory_format=torch.channels_last
            )
        return (self.maps[shape] * self.scale,)


def measure(
    batch_size: int, sizes: Sequence[int], pairs: int, device: str
) -> tuple[list[Ratio], list[dict]]:
    """Milliseconds of loss and gradients.

    Args:
        batch_size (int): Images.
        sizes (Sequence[int]): Side of each view in pixels, two global first.
        pairs (int): Batches of each arm, after one that warms up.
        device (str): 'cpu' or 'cuda'.
    """
    init_default_scope('mmpretrain')
    hub = MessageHub.get_instance('benchmark')
    hub.update_info_dict(dict(epoch=0, iter=50, max_iters=100))

    def build_arm(config: str):
        cfg = Config.fromfile(CONFIGS / config).model
        cfg.backbone = dict(type=FixedMaps)
        torch.manual_seed(0)
        model = MODELS.build(cfg).train().to(device)

        def run(views: list[Tensor]) -> None:
            model.zero_grad()
            with torch.autocast(device, torch.bfloat16):
                loss = model.loss(views)['loss']
            loss.backward()

        return run

    arms = {
        'SwAV': build_arm('swav_r50.py'),
        'SwAV + SCA': build_arm('swav_sca_r50.py'),
    }
    # Their shape alone matters.
    views = [torch.zeros(batch_size, 1, s, s, device=device) for s in sizes]
    seconds = alternate(arms, [views] * (pairs + 1), device)
    seconds['SCA alone'] = [
        sca - plain
        for sca, plain in zip(
            seconds['SwAV + SCA'], seconds['SwAV'], strict=True
        )
    ]
    rows = [
        {'arm': arm, 'ms': 1e3 * statistics.median(values)}
        for arm, values in seconds.items()
    ]
    values = pairwise(seconds['SwAV + SCA'], seconds['SwAV'])
    name = 'time without backbone, SwAV + SCA / SwAV'
    return [Ratio(name, values)], rows

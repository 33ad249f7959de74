"""One training step of SwAV: mmsca, mmpretrain, lightly, the bare backbone.

All arms take the same views of random pixels through a ResNet-50, and SGD
with momentum. The bare backbone has one forward pass per resolution, as mmsca
and mmpretrain have, and the sum of its pooled features as loss. lightly is put
together as in its documentation, with one forward pass per view. No queue.
"""

import statistics
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope
from torch import Tensor, nn
from torchvision.models import resnet50

import mmsca  # noqa: F401  registers the models
from benchmarks.ratio import Ratio, pairwise
from benchmarks.timing import alternate, peak_mib

FULL = dict(batch_size=32, sizes=(224,) * 2 + (96,) * 6, pairs=5)
SMALL = dict(batch_size=2, sizes=(64,) * 2 + (32,) * 2, pairs=1)
CONFIGS = Path(__file__).parents[1] / 'configs/sca'
MMPRETRAIN = (
    'mmpretrain::swav/swav_resnet50_8xb32-mcrop-coslr-200e_in1k-224px-96px.py'
)


class Backbone(nn.Module):
    """The backbone of mmsca's config and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        cfg = Config.fromfile(CONFIGS / 'swav_r50.py')
        self.backbone = MODELS.build(cfg.model.backbone)

    def loss(self, views: Sequence[Tensor]) -> Tensor:
        groups = groupby(views, key=lambda view: view.shape[-1])
        maps = [self.backbone(torch.cat(list(g)))[-1] for _, g in groups]
        return sum(F.adaptive_avg_pool2d(m, 1).float().sum() for m in maps)


class Lightly(nn.Module):
    """https://docs.lightly.ai/self-supervised-learning/examples/swav.html."""

    def __init__(self) -> None:
        from lightly.loss import SwaVLoss
        from lightly.models.modules import SwaVProjectionHead, SwaVPrototypes

        super().__init__()
        self.backbone = nn.Sequential(*list(resnet50().children())[:-1])
        self.projection_head = SwaVProjectionHead(2048, 2048, 128)
        self.prototypes = SwaVPrototypes(128, n_prototypes=3000)
        self.criterion = SwaVLoss()

    def scores(self, view: Tensor) -> Tensor:
        z = self.projection_head(self.backbone(view).flatten(start_dim=1))
        return self.prototypes(F.normalize(z, dim=1, p=2))

    def loss(self, views: Sequence[Tensor]) -> Tensor:
        self.prototypes.normalize()
        scores = [self.scores(view) for view in views]
        return self.criterion(scores[:2], scores[2:])


class OpenMMLab(nn.Module):
    """A model of a config of mmpretrain or mmsca."""

    def __init__(self, cfg: Config) -> None:
        super().__init__()
        self.model = MODELS.build(cfg.model)

    def loss(self, views: Sequence[Tensor]) -> Tensor:
        return self.model.loss(list(views), data_samples=None)['loss']


def mmpretrain_swav(num_views: int) -> OpenMMLab:
    cfg = get_config(MMPRETRAIN)
    cfg.model.head.loss.num_crops = [2, num_views - 2]
    return OpenMMLab(cfg)


def mmsca_swav(config: str) -> OpenMMLab:
    return OpenMMLab(Config.fromfile(CONFIGS / config))


ARMS = {
    'backbone': lambda num_views: Backbone(),
    'mmpretrain': mmpretrain_swav,
    'lightly': lambda num_views: Lightly(),
    'mmsca': lambda num_views: mmsca_swav('swav_r50.py'),
    'mmsca + SCA': lambda num_views: mmsca_swav('swav_sca_r50.py'),
}


def make_views(
    batch_size: int, sizes: Sequence[int], bf16: bool
) -> list[Tensor]:
    """Random pixels, one (B, 3, S, S) a size, for bf16 with channels last."""
    views = [torch.randn(batch_size, 3, size, size) for size in sizes]
    return [view.to(memory_format=layout(bf16)) for view in views]


def layout(bf16: bool) -> torch.memory_format:
    return torch.channels_last if bf16 else torch.contiguous_format


def build_step(
    arm: str, num_views: int, bf16: bool
) -> Callable[[list[Tensor]], None]:
    """Forward, backward and optimizer step of an arm, past SCA's warm-up.

    Args:
        arm (str): A key of `ARMS`.
        num_views (int): V, two global ones among them.
        bf16 (bool): Autocast to bf16, weights with channels last.

    Returns:
        Callable: Takes the V views.
    """
    hub = MessageHub.get_instance('benchmark')
    hub.update_info_dict(dict(epoch=0, iter=50, max_iters=100))
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    model = ARMS[arm](num_views).train().to(memory_format=layout(bf16))
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)

    def step(views: list[Tensor]) -> None:
        with torch.autocast('cpu', torch.bfloat16, enabled=bf16):
            loss = model.loss(views)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def take_steps(
    arm: str, batch_size: int, sizes: Sequence[int], bf16: bool
) -> None:
    """Two steps: the first makes the buffers of the optimizer."""
    views = make_views(batch_size, sizes, bf16)
    step = build_step(arm, len(views), bf16)
    step(views)
    step(views)


def measure(
    batch_size: int, sizes: Sequence[int], pairs: int, bf16: bool
) -> tuple[list[Ratio], list[dict]]:
    """Ratios of time and memory, and what they are of.

    Args:
        batch_size (int): Images.
        sizes (Sequence[int]): Side of each view in pixels, two global first.
        pairs (int): Steps of each arm, after one that warms up.
        bf16 (bool): As in `build_step`.
    """
    memory = {
        arm: peak_mib(take_steps, arm, batch_size, sizes, bf16)
        for arm in ('mmpretrain', 'mmsca', 'mmsca + SCA')
    }
    steps = {
        arm: build_step(arm, len(sizes), bf16)
        for arm in ARMS
        if arm != 'lightly' or find_spec('lightly')
    }
    views = make_views(batch_size, sizes, bf16)
    seconds = alternate(steps, [views] * (pairs + 1))

    def time(over: str, under: str, at_most: float | None = None) -> Ratio:
        values = pairwise(seconds[over], seconds[under])
        return Ratio(f'time, {over} / {under}', values, at_most=at_most)

    ratios = [
        time('mmsca', 'backbone', at_most=1.15),
        time('mmsca + SCA', 'backbone', at_most=1.2),
        time('mmsca + SCA', 'mmsca'),
    ]
    ratios += [
        time('mmsca', peer)
        for peer in ('mmpretrain', 'lightly')
        if peer in seconds
    ]
    for arm in ('mmsca', 'mmsca + SCA'):
        values = [memory[arm] / memory['mmpretrain']]
        name = f'peak memory, {arm} / mmpretrain'
        ratios.append(Ratio(name, values, at_most=1.0 if bf16 else None))
    rows = [
        {
            'arm': arm,
            'seconds a step': statistics.median(values),
            'peak MiB': memory.get(arm, ''),
        }
        for arm, values in seconds.items()
    ]
    return ratios, rows

"""One training step of SwAV: mmsca, mmpretrain, lightly, the bare backbone.

All arms take the same views of random pixels through a ResNet-50, and SGD
with momentum, on a CPU or a GPU. The bare backbone has one forward pass per
resolution, as mmsca and mmpretrain have, and the sum of its pooled features as
loss. lightly is put together as in its documentation, with one forward pass
per view. No queue.
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
from torchvision.models import resnet18, resnet50

import mmsca  # noqa: F401  registers the models
from benchmarks.ratio import Ratio, pairwise
from benchmarks.timing import alternate, device_peak_mib, peak_mib

FULL = dict(batch_size=32, sizes=(224,) * 2 + (96,) * 6, pairs=5)
SMALL = dict(batch_size=2, sizes=(32, 32, 16), pairs=1, depth=18, memory_of=())
CONFIGS = Path(__file__).parents[1] / 'configs/sca'
# Channels of the last map of a ResNet, by its depth.
CHANNELS = {18: 512, 50: 2048}
PRECISIONS = dict(fp32=torch.float32, bf16=torch.bfloat16, fp16=torch.float16)
# Time of mmsca, and with SCA, over that of the backbone alone, at most.
TARGETS = dict(cpu=(1.15, 1.2), cuda=(1.05, 1.08))
MMPRETRAIN = (
    'mmpretrain::swav/swav_resnet50_8xb32-mcrop-coslr-200e_in1k-224px-96px.py'
)


def set_depth(cfg: Config, depth: int) -> Config:
    """A pretraining of mmsca or mmpretrain with another ResNet."""
    cfg.model.backbone.depth = depth
    cfg.model.neck.in_channels = cfg.model.neck.hid_channels = CHANNELS[depth]
    return cfg


class Backbone(nn.Module):
    """The backbone of mmsca's config and nothing else."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        cfg = set_depth(Config.fromfile(CONFIGS / 'swav_r50.py'), depth)
        self.backbone = MODELS.build(cfg.model.backbone)

    def loss(self, views: Sequence[Tensor]) -> Tensor:
        groups = groupby(views, key=lambda view: view.shape[-1])
        maps = [self.backbone(torch.cat(list(g)))[-1] for _, g in groups]
        return sum(F.adaptive_avg_pool2d(m, 1).float().sum() for m in maps)


class Lightly(nn.Module):
    """https://docs.lightly.ai/self-supervised-learning/examples/swav.html."""

    def __init__(self, depth: int) -> None:
        from lightly.loss import SwaVLoss
        from lightly.models.modules import SwaVProjectionHead, SwaVPrototypes

        super().__init__()
        network = {18: resnet18, 50: resnet50}[depth]()
        width = CHANNELS[depth]
        self.backbone = nn.Sequential(*list(network.children())[:-1])
        self.projection_head = SwaVProjectionHead(width, width, 128)
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


def mmpretrain_swav(num_views: int, depth: int) -> OpenMMLab:
    cfg = set_depth(get_config(MMPRETRAIN), depth)
    cfg.model.head.loss.num_crops = [2, num_views - 2]
    return OpenMMLab(cfg)


def mmsca_swav(config: str, depth: int) -> OpenMMLab:
    return OpenMMLab(set_depth(Config.fromfile(CONFIGS / config), depth))


ARMS = {
    'backbone': lambda num_views, depth: Backbone(depth),
    'mmpretrain': mmpretrain_swav,
    'lightly': lambda num_views, depth: Lightly(depth),
    'mmsca': lambda num_views, depth: mmsca_swav('swav_r50.py', depth),
    'mmsca + SCA': lambda num_views, depth: mmsca_swav(
        'swav_sca_r50.py', depth
    ),
}


def make_views(
    batch_size: int, sizes: Sequence[int], precision: str, device: str
) -> list[Tensor]:
    """Random pixels, one (B, 3, S, S) a size, in the layout of the weights."""
    return [
        torch.randn(batch_size, 3, size, size, device=device).to(
            memory_format=layout(precision)
        )
        for size in sizes
    ]


def layout(precision: str) -> torch.memory_format:
    """Channels last, but for fp32."""
    if precision == 'fp32':
        return torch.contiguous_format
    return torch.channels_last


def build_step(
    arm: str,
    num_views: int,
    precision: str,
    device: str = 'cpu',
    compile: dict | None = None,
    epoch: int = 0,
    depth: int = 50,
) -> Callable[[list[Tensor]], None]:
    """Forward, backward and optimizer step of an arm, past SCA's warm-up.

    Args:
        arm (str): A key of `ARMS`.
        num_views (int): V, two global ones among them.
        precision (str): A key of `PRECISIONS`; but for fp32 that of an
            autocast, fp16 with scaled losses, and weights with channels last.
        device (str): 'cpu' or 'cuda'. Defaults to 'cpu'.
        compile (dict, optional): Options of `torch.compile`, to compile the
            backbone with.
        epoch (int): What a queue starts by. Defaults to 0.
        depth (int): Of the ResNet, a key of `CHANNELS`. Defaults to 50.

    Returns:
        Callable: Takes the V views.
    """
    hub = MessageHub.get_instance('benchmark')
    hub.update_info_dict(dict(epoch=epoch, iter=50, max_iters=100))
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    model = ARMS[arm](num_views, depth).train()
    model = model.to(device, memory_format=layout(precision))
    if compile is not None:
        backbone = getattr(model, 'model', model).backbone
        backbone.compile(dynamic=False, **compile)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    scaler = torch.amp.GradScaler(device, enabled=precision == 'fp16')
    dtype = PRECISIONS[precision]

    def step(views: list[Tensor]) -> None:
        with torch.autocast(device, dtype, enabled=precision != 'fp32'):
            loss = model.loss(views)
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    return step


def take_steps(
    arm: str,
    batch_size: int,
    sizes: Sequence[int],
    precision: str,
    device: str,
    depth: int,
) -> None:
    """Two steps: the first makes the buffers of the optimizer."""
    views = make_views(batch_size, sizes, precision, device)
    step = build_step(arm, len(views), precision, device, depth=depth)
    step(views)
    step(views)


def measure(
    batch_size: int,
    sizes: Sequence[int],
    pairs: int,
    precision: str,
    device: str = 'cpu',
    compile: dict | None = None,
    depth: int = 50,
    arms: Sequence[str] = tuple(ARMS),
    memory_of: Sequence[str] = ('mmpretrain', 'mmsca', 'mmsca + SCA'),
) -> tuple[list[Ratio], list[dict]]:
    """Ratios of time and memory, and what they are of.

    Args:
        batch_size (int): Images.
        sizes (Sequence[int]): Side of each view in pixels, two global first.
        pairs (int): Steps of each arm, after one that warms up.
        precision, device, compile, depth: As in `build_step`.
        arms (Sequence[str]): Keys of `ARMS`. Defaults to all.
        memory_of (Sequence[str]): Arms whose memory is measured, on a CPU
            that of a whole process.
    """
    missing = set() if find_spec('lightly') else {'lightly'}
    peak = peak_mib if device == 'cpu' else device_peak_mib
    memory = {
        arm: peak(take_steps, arm, batch_size, sizes, precision, device, depth)
        for arm in memory_of
        if arm not in missing
    }
    steps = {
        arm: build_step(
            arm, len(sizes), precision, device, compile, depth=depth
        )
        for arm in arms
        if arm not in missing
    }
    views = make_views(batch_size, sizes, precision, device)
    seconds = alternate(steps, [views] * (pairs + 1), device)
    plain, with_sca = TARGETS[device]
    not_slower = None if device == 'cpu' else 1.0
    ratios = [
        Ratio(
            f'time, {over} / {under}',
            pairwise(seconds[over], seconds[under]),
            at_most=at_most,
        )
        for over, under, at_most in (
            ('mmsca', 'backbone', plain),
            ('mmsca + SCA', 'backbone', with_sca),
            ('mmsca + SCA', 'mmsca', None),
            ('mmsca', 'mmpretrain', None),
            ('mmsca', 'lightly', not_slower),
        )
        if over in seconds and under in seconds
    ]
    for arm in memory:
        if arm.startswith('mmsca'):
            values = [memory[arm] / memory['mmpretrain']]
            name = f'peak memory, {arm} / mmpretrain'
            at_most = None if precision == 'fp32' else 1.0
            ratios.append(Ratio(name, values, at_most=at_most))
    rows = [
        {
            'arm': arm,
            'seconds a step': statistics.median(values),
            'images a second': batch_size / statistics.median(values),
            'peak MiB': memory.get(arm, ''),
        }
        for arm, values in seconds.items()
    ]
    return ratios, rows

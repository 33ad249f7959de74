"""From a JPEG to normalized views: mmsca, mmpretrain, SwAV's authors, lightly.

2x224 + 6x96 views of 500 x 375 photographs. The recipe of the authors is
torchvision's transforms on PIL images, as src/multicropdataset.py of
facebookresearch/swav puts them together; lightly's and mmpretrain's are their
own defaults. What a worker does is timed, and the whole path: with the
device's part, where there is one, on the CPU.
"""

import statistics
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import default_collate
from mmengine.hub import get_config
from mmengine.registry import MODELS, TRANSFORMS, init_default_scope
from PIL import Image, ImageFilter
from torchvision import transforms as T

import mmsca  # noqa: F401  registers the transforms
from benchmarks.jpegs import write_jpegs
from benchmarks.ratio import Ratio, pairwise
from benchmarks.step import MMPRETRAIN
from benchmarks.timing import alternate
from mmsca.datasets.collate import pack_views

FULL = dict(batch_size=8, batches=12)
SMALL = dict(batch_size=2, batches=2)
CONFIG = Path(__file__).parents[1] / 'configs/sca/swav_r50.py'
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Authors:
    """Two views of 224 and six of 96 pixels, each a tensor."""

    def __init__(self) -> None:
        jitter = T.ColorJitter(0.8, 0.8, 0.8, 0.2)
        augment = [
            T.RandomHorizontalFlip(),
            T.RandomApply([jitter], p=0.8),
            T.RandomGrayscale(0.2),
            T.RandomApply([self.blur], p=0.5),
            T.ToTensor(),
            T.Normalize(MEAN, STD),
        ]
        self.views = [
            T.Compose([T.RandomResizedCrop(size, scale=scale), *augment])
            for count, size, scale in (
                (2, 224, (0.14, 1)),
                (6, 96, (0.05, 0.14)),
            )
            for _ in range(count)
        ]

    @staticmethod
    def blur(image: Image.Image) -> Image.Image:
        radius = float(torch.empty(()).uniform_(0.1, 2))
        return image.filter(ImageFilter.GaussianBlur(radius))

    def __call__(self, file: Path) -> list[torch.Tensor]:
        image = Image.open(file).convert('RGB')
        return [view(image) for view in self.views]


class Lightly:
    """lightly's transform with its default recipe."""

    def __init__(self) -> None:
        from lightly.transforms import SwaVTransform

        self.views = SwaVTransform()

    def __call__(self, file: Path) -> list[torch.Tensor]:
        return self.views(Image.open(file).convert('RGB'))


class OpenMMLab:
    """The pipeline of a config, and what its model does to a batch."""

    def __init__(
        self, cfg: Config, collate: Callable = default_collate
    ) -> None:
        init_default_scope('mmpretrain')
        self.pipeline = Compose(
            [
                TRANSFORMS.build(step)
                for step in cfg.train_dataloader.dataset.pipeline
                # A seed per image, which other pipelines have none of.
                if step.type != 'mmsca.SeedDraw'
            ]
        )
        fields = cfg.model.get('data_preprocessor') or cfg.data_preprocessor
        self.device_part = MODELS.build(
            {'type': 'SelfSupDataPreprocessor', **fields}
        )
        self.collate = collate

    def worker(self, files: list[Path]) -> dict:
        return self.collate(
            [self.pipeline(dict(img_path=str(file))) for file in files]
        )

    def whole(self, files: list[Path]) -> dict:
        return self.device_part(self.worker(files), training=True)


def build_arms() -> dict[str, Callable]:
    """Each takes a list of files and returns their views."""
    cfg = Config.fromfile(CONFIG)
    ours = OpenMMLab(cfg, pack_views)
    cfg.train_dataloader.dataset.pipeline[-1].on_device = False
    classic = OpenMMLab(cfg, pack_views)
    mmpretrain = OpenMMLab(get_config(MMPRETRAIN))
    peers = {'authors': Authors()}
    if find_spec('lightly'):
        peers['lightly'] = Lightly()
    return {
        'mmsca, worker': ours.worker,
        'mmsca, whole': ours.whole,
        'mmsca, on_device=False': classic.whole,
        'mmpretrain, worker': mmpretrain.worker,
        'mmpretrain, whole': mmpretrain.whole,
        **{
            # What they leave to the device is nothing.
            name: lambda files, peer=peer: [peer(file) for file in files]
            for name, peer in peers.items()
        },
    }


def measure(batch_size: int, batches: int) -> tuple[list[Ratio], list[dict]]:
    """How many times as many images per CPU second.

    Args:
        batch_size (int): Images that go through together.
        batches (int): Of each arm, after one that warms up.
    """
    cv2.setNumThreads(0)
    torch.manual_seed(0)
    arms = build_arms()
    with tempfile.TemporaryDirectory() as folder:
        files = write_jpegs(Path(folder), batch_size * (batches + 1))
        parts = [
            files[start : start + batch_size]
            for start in range(0, len(files), batch_size)
        ]
        seconds = alternate(arms, parts)
    rows = [
        {
            'arm': arm,
            'ms an image': 1e3 * statistics.median(values) / batch_size,
            'images a second': batch_size / statistics.median(values),
        }
        for arm, values in seconds.items()
    ]

    def times(peer: str, part: str, at_least: float | None) -> Ratio:
        ours = f'mmsca, {part}'
        theirs = f'{peer}, {part}' if f'{peer}, {part}' in seconds else peer
        return Ratio(
            f'{part}: time, {peer} / mmsca',
            pairwise(seconds[theirs], seconds[ours]),
            at_least=at_least,
        )

    ratios = [
        times('mmpretrain', 'worker', 8),
        times('authors', 'worker', 3),
        times('mmpretrain', 'whole', 2.5),
        times('authors', 'whole', 1),
    ]
    if 'lightly' in seconds:
        ratios += [times('lightly', p, None) for p in ('worker', 'whole')]
    return ratios, rows

"""What class maps cost: ours beside the grad-cam package.

The model is that of configs/localization/r50_gradcam_in1k.py with random
weights: a linear probe on a frozen ResNet-50, random pixels. Both sides get
the same batch and make the same Grad-CAM of the same class, to 1e-4, and on a
GPU to 1e-3 in fp32. Times include the forward pass.
"""

import statistics
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

import mmsca  # noqa: F401  registers the models
from benchmarks.ratio import Ratio, pairwise
from benchmarks.timing import alternate
from mmsca.registry import MODELS

FULL = dict(batch_size=8, size=224, pairs=7)
SMALL = dict(batch_size=2, size=64, pairs=1)
CONFIG = Path(__file__).parents[1] / (
    'configs/localization/r50_gradcam_in1k.py'
)


def build(frozen_stages: int, device: str):
    cfg = Config.fromfile(CONFIG)
    init_default_scope(cfg.default_scope)
    cfg.model.backbone.update(frozen_stages=frozen_stages, init_cfg=None)
    torch.manual_seed(0)
    return MODELS.build(cfg.model).eval().to(device)


def measure(
    batch_size: int, size: int, pairs: int, device: str = 'cpu'
) -> tuple[list[Ratio], list[dict]]:
    """How many times as fast, and images per CPU second.

    Args:
        batch_size (int): Images.
        size (int): Their side in pixels.
        pairs (int): Batches of each arm, after one that warms up.
        device (str): 'cpu' or 'cuda'. Defaults to 'cpu'.
    """
    # The package cannot differentiate behind a frozen backbone.
    frozen, free = build(4, device), build(-1, device)
    images = torch.randn(batch_size, 3, size, size, device=device)
    labels = torch.randint(1000, (batch_size,)).tolist()
    samples = [DataSample().set_gt_label(label) for label in labels]
    targets = [ClassifierOutputTarget(label) for label in labels]
    package = GradCAM(free, [free.backbone.layer4])

    @torch.no_grad()
    def ours(batch) -> np.ndarray:
        predictions = frozen.predict(batch, samples)
        return torch.stack([p.pred_cam for p in predictions]).cpu().numpy()

    def theirs(batch) -> np.ndarray:
        return package(batch, targets)

    @torch.no_grad()
    def forward(batch) -> None:
        frozen(batch)

    allowed = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    tolerance = 1e-4 if device == 'cpu' else 1e-3
    np.testing.assert_allclose(ours(images), theirs(images), atol=tolerance)
    torch.backends.cudnn.allow_tf32 = allowed
    arms = {'mmsca': ours, 'grad-cam': theirs, 'forward alone': forward}
    seconds = alternate(arms, [images] * (pairs + 1), device)
    rows = [
        {
            'arm': arm,
            'ms': 1e3 * statistics.median(values),
            'images a second': batch_size / statistics.median(values),
        }
        for arm, values in seconds.items()
    ]
    return [
        Ratio(
            'time, grad-cam / mmsca',
            pairwise(seconds['grad-cam'], seconds['mmsca']),
            at_least=3,
        ),
        Ratio(
            'time, mmsca / forward alone',
            pairwise(seconds['mmsca'], seconds['forward alone']),
        ),
    ], rows

"""What class maps cost: ours beside the grad-cam package.

    python benchmarks/cam.py

The model is that of configs/localization/r50_gradcam_in1k.py with random
weights: a linear probe on a frozen ResNet-50, random pixels at 224. Both
sides get the same batch and make the same Grad-CAM of the same class, to
1e-4. They alternate in one process, and each pair gives one ratio. Times are
those of the processor, so that other work on the machine matters little, and
include the forward pass.
"""

import argparse
import json
import platform
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

import mmsca  # noqa: F401  registers the models
from mmsca.registry import MODELS

CONFIG = Path(__file__).parents[1] / (
    'configs/localization/r50_gradcam_in1k.py'
)
SIZE = 224


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--pairs', type=int, default=7)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--out', type=Path, help='JSON file to write')
    return parser.parse_args()


def build(frozen_stages: int):
    cfg = Config.fromfile(CONFIG)
    init_default_scope(cfg.default_scope)
    cfg.model.backbone.update(frozen_stages=frozen_stages, init_cfg=None)
    torch.manual_seed(0)
    return MODELS.build(cfg.model).eval()


def main() -> None:
    args = parse_args()
    torch.set_num_threads(args.threads)
    # The package cannot differentiate behind a frozen backbone.
    frozen, free = build(frozen_stages=4), build(frozen_stages=-1)
    images = torch.randn(args.batch_size, 3, SIZE, SIZE)
    labels = torch.randint(1000, (args.batch_size,)).tolist()
    samples = [DataSample().set_gt_label(label) for label in labels]
    targets = [ClassifierOutputTarget(label) for label in labels]
    package = GradCAM(free, [free.backbone.layer4])

    @torch.no_grad()
    def ours() -> np.ndarray:
        predictions = frozen.predict(images, samples)
        return torch.stack([p.pred_cam for p in predictions]).numpy()

    def theirs() -> np.ndarray:
        return package(images, targets)

    @torch.no_grad()
    def forward() -> None:
        frozen(images)

    difference = float(abs(ours() - theirs()).max())  # warms up, too
    assert difference < 1e-4, difference
    arms = {'mmsca': ours, 'grad-cam': theirs, 'forward alone': forward}
    seconds = {arm: [] for arm in arms}
    for i in range(args.pairs):
        # Each goes first in turn.
        for arm in list(arms)[:: 1 if i % 2 else -1]:
            start = time.process_time()
            arms[arm]()
            seconds[arm].append(time.process_time() - start)
    pairs = zip(seconds['grad-cam'], seconds['mmsca'], strict=True)
    ratios = sorted(b / a for b, a in pairs)
    rates = {
        arm: args.batch_size / statistics.median(s)
        for arm, s in seconds.items()
    }
    for arm, rate in rates.items():
        print(f'{arm:14} {rate:7.2f} images per CPU second')
    print(
        f'ratio: median {statistics.median(ratios):.2f} '
        f'({ratios[0]:.2f} to {ratios[-1]:.2f}, {len(ratios)} pairs), '
        f'maps differ by {difference:.1e} at most'
    )
    if args.out:
        result = dict(
            seconds=seconds,
            images_per_second=rates,
            ratios=ratios,
            largest_difference=difference,
            settings=dict(batch_size=args.batch_size, threads=args.threads),
            torch=torch.__version__,
            machine=platform.processor() or platform.machine(),
        )
        args.out.write_text(json.dumps(result, indent=2) + '\n')


if __name__ == '__main__':
    main()

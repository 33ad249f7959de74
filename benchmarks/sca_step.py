"""What SCA costs: its training step beside that of SwAV, time and memory.

    python benchmarks/sca_step.py

Both models are those of configs/sca/swav_r50.py and swav_sca_r50.py, on 2x224
+ 6x96 views of random pixels, one process. Steps alternate, and each pair
gives one ratio; peak memory is that of a process of its own per model.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope

import mmsca  # noqa: F401  registers the models

CONFIGS = Path(__file__).parents[1] / 'configs/sca'
ARMS = {'SwAV': 'swav_r50.py', 'SwAV + SCA': 'swav_sca_r50.py'}
SIZES = [224] * 2 + [96] * 6


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument('--pairs', type=int, default=5)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--out', type=Path, help='JSON file to write')
    # One model alone, for its memory; a process calls itself with this.
    parser.add_argument('--arm', choices=list(ARMS), help=argparse.SUPPRESS)
    return parser.parse_args()


class Step:
    """Forward, backward and optimizer step, past the warm-up of SCA."""

    def __init__(self, arm: str, batch_size: int) -> None:
        cfg = Config.fromfile(CONFIGS / ARMS[arm])
        init_default_scope(cfg.default_scope)
        torch.manual_seed(0)
        self.model = MODELS.build(cfg.model).train()
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), 0.01, momentum=0.9
        )
        self.views = [torch.randn(batch_size, 3, s, s) for s in SIZES]

    def __call__(self) -> float:
        start = time.perf_counter()
        loss = self.model.loss(self.views)['loss']
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return time.perf_counter() - start


def peak_memory(arm: str, args) -> float:
    """GiB of a process that takes two steps."""
    command = [sys.executable, __file__, '--arm', arm]
    command += ['--batch-size', str(args.batch_size)]
    command += ['--threads', str(args.threads)]
    return float(subprocess.check_output(command, text=True).split()[-1])


def main() -> None:
    args = parse_args()
    torch.set_num_threads(args.threads)
    hub = MessageHub.get_instance('benchmark')
    hub.update_info_dict(dict(epoch=0, iter=50, max_iters=100))
    if args.arm:
        step = Step(args.arm, args.batch_size)
        step(), step()
        kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(kib / 2**20)
        return

    memory = {arm: peak_memory(arm, args) for arm in ARMS}
    steps = {arm: Step(arm, args.batch_size) for arm in ARMS}
    seconds = {arm: [] for arm in ARMS}
    for i in range(args.pairs + 1):
        # Each goes first in turn; the first pair warms up.
        for arm in list(ARMS)[:: 1 if i % 2 else -1]:
            elapsed = steps[arm]()
            if i:
                seconds[arm].append(elapsed)
    swav, sca = seconds.values()
    ratios = sorted(b / a for a, b in zip(swav, sca, strict=True))
    result = dict(
        seconds=seconds,
        time_ratio=dict(
            min=ratios[0],
            median=statistics.median(ratios),
            max=ratios[-1],
        ),
        peak_gib=memory,
        memory_ratio=memory['SwAV + SCA'] / memory['SwAV'],
        settings=dict(batch_size=args.batch_size, threads=args.threads),
        torch=torch.__version__,
        machine=platform.processor() or platform.machine(),
    )
    for arm in ARMS:
        print(
            f'{arm:12} {statistics.median(seconds[arm]):7.2f} s a step, '
            f'{memory[arm]:6.2f} GiB at most'
        )
    print(
        f'ratio of times: median {statistics.median(ratios):.3f} '
        f'({ratios[0]:.3f} to {ratios[-1]:.3f}, {len(ratios)} pairs)'
    )
    print(f'ratio of memory: {result["memory_ratio"]:.3f}')
    if args.out:
        args.out.write_text(json.dumps(result, indent=2) + '\n')


if __name__ == '__main__':
    main()

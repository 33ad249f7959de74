"""Run benchmarks, all of them or those that are named.

    python -m benchmarks [NAME ...] [--small] [--out FOLDER]
    python -m benchmarks gpu [--small]

Prints ratios with their spread, writes one JSON file per benchmark, and a
README.md and a picture of all that are in the folder. `gpu`, which is run only
if it is named, has several sections for a machine with a GPU; `gpu:SECTION` is
one of them.
"""

import argparse
import json
import os
from pathlib import Path

# Before torch is imported, and for the processes started from here.
os.environ['OMP_NUM_THREADS'] = '1'
os.environ.setdefault('GLOO_SOCKET_IFNAME', 'lo')

import torch  # noqa: E402

from benchmarks import (  # noqa: E402
    box_metric,
    cam,
    coco_eval,
    gpu,
    loader,
    report,
    sca,
    sinkhorn,
    step,
    train,
)

# Module and what its settings get on top.
BENCHMARKS = {
    'loader': (loader, {}),
    'train': (train, {}),
    'step-fp32': (step, dict(precision='fp32')),
    'step-bf16': (step, dict(precision='bf16')),
    'sinkhorn': (sinkhorn, {}),
    'sca': (sca, {}),
    'cam': (cam, {}),
    'box_metric': (box_metric, {}),
    'coco_eval': (coco_eval, {}),
}
# Sections by the name that asks for them.
GPU = {
    'gpu': list(gpu.SECTIONS),
    **{f'gpu:{section}': [section] for section in gpu.SECTIONS},
}


def parse_args():
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('names', nargs='*', metavar='NAME')
    parser.add_argument(
        '--small', action='store_true', help='tiny sizes, to see it run'
    )
    parser.add_argument(
        '--out', type=Path, default=Path(__file__).parent / 'results'
    )
    args = parser.parse_args()
    unknown = set(args.names) - {*BENCHMARKS, *GPU}
    if unknown:
        parser.error(
            f'no benchmark is named {sorted(unknown)}; there are '
            f'{[*BENCHMARKS, *GPU]}'
        )
    if set(args.names) & set(GPU) and not (
        args.small or torch.cuda.is_available()
    ):
        parser.error('gpu needs a CUDA device; --small runs without one')
    return args


def main() -> None:
    args = parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.names or BENCHMARKS:
        if name in GPU:
            gpu.run(GPU[name], args.small, args.out)
            continue
        module, extra = BENCHMARKS[name]
        settings = (module.SMALL if args.small else module.FULL) | extra
        result = report.make_result(*module.measure(**settings), settings)
        file = args.out / f'{name}.json'
        file.write_text(json.dumps(result, indent=2) + '\n')
        print('\n'.join(report.section(name, result)), flush=True)
    report.write(args.out)

"""What a mask can earn on photographs: ceilings, candidates, controls.

    python -m study.photographs data/tinyimagenet OUT.jsonl [--rows NAME ...]

A study of its own beside the tools. Images, views and augmentation live on the
GPU and a step is a CUDA graph, so that a run of 700 steps takes seconds;
network, Sinkhorn, SCA and scores are those of mmsca. Each way to USE a mask
gets the true box first, its ceiling; then the mask of SCA; then its controls.
"""

import argparse
import json
from multiprocessing import get_context
from pathlib import Path

import torch
from rich.progress import track

from study.photographs.data import read_splits
from study.photographs.runs import run, start

ROWS = {
    'untrained': dict(epochs=0),
    'supervised': dict(use='supervised'),
    'SwAV': dict(),
    'SwAV, twice as long': dict(epochs=20),
    'SwAV, lr 3e-3': dict(lr=3e-3),
    'SwAV, lr 1.2e-2': dict(lr=1.2e-2),
    'SwAV, 64 prototypes': dict(prototypes=64),
    'SwAV, 300 prototypes': dict(prototypes=300),
    'SwAV, epsilon 0.05': dict(epsilon=0.05),
    'paste box': dict(use='paste', source='box'),
    **{
        f'{use} {source}': dict(use=use, source=source)
        for use in ('pool', 'background')
        for source in ('box', 'cluster', 'random', 'own', 'rim', 'centre')
    },
    'pool cluster, w 0.1': dict(use='pool', source='cluster', weight=0.1),
    **{
        f'partner {source}': dict(use='partner', source=source)
        for source in ('label', 'cluster', 'random')
    },
}


def parse_args():
    parser = argparse.ArgumentParser(
        prog='python -m study.photographs',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('data', type=Path, help='folder of Tiny ImageNet')
    parser.add_argument('out', type=Path, help='a line of JSON for each run')
    parser.add_argument(
        '--rows', nargs='+', default=list(ROWS), choices=ROWS, metavar='NAME'
    )
    parser.add_argument('--seeds', nargs='+', type=int, default=[0, 1])
    parser.add_argument('--split', default='val', choices=['val', 'test'])
    parser.add_argument('--epochs', type=int, help='in place of 10')
    parser.add_argument('--batch', type=int, default=256)
    parser.add_argument('--workers', type=int, default=6, help='processes')
    parser.add_argument(
        '--device', default='cuda' if torch.cuda.is_available() else 'cpu'
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    jobs = []
    for seed in args.seeds:
        for name in args.rows:
            row = dict(ROWS[name], batch=args.batch)
            if args.epochs and row.get('epochs') != 0:
                row['epochs'] = args.epochs * row.get('epochs', 10) // 10
            jobs.append((name, row, seed, args.split))
    data = read_splits(args.data)
    context = get_context('spawn')
    workers = min(args.workers, len(jobs))
    with (
        context.Pool(workers, start, (data, args.device)) as pool,
        args.out.open('a') as out,
    ):
        done = pool.imap_unordered(run, jobs)
        for result in track(done, 'runs', total=len(jobs)):
            out.write(json.dumps(result) + '\n')
            out.flush()
            print(
                f'{result["name"]}, seed {result["seed"]}: '
                f'kNN {result["knn"]:.1f}, linear {result["linear"]:.1f}, '
                f'MaxBoxAccV2 {result["object/MaxBoxAccV2"]:.1f}, '
                f'pointing {result["object/pointing"]:.1f}'
            )


if __name__ == '__main__':
    main()

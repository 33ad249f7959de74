"""Compare backbones: the whole of tools/compare.py but its first line."""

import argparse
import signal
import sys
from pathlib import Path

import torch

from mmsca.comparison.ablation import make_ablation
from mmsca.comparison.compare import Comparison
from mmsca.comparison.fields import make_table
from mmsca.comparison.project import resolve
from mmsca.comparison.table import one_of
from mmsca.utils.config_names import find_config
from mmsca.utils.errors import InputError
from mmsca.utils.options import Options, count
from mmsca.utils.places import check_folder


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Measure the backbones of a table by its evaluations, '
        'over seeds, and report on them. Started again it goes on where it '
        'was stopped.'
    )
    parser.add_argument(
        'configs',
        nargs='+',
        metavar='CONFIG',
        help='tables such as comparisons/materials; or pretraining configs, '
        'which become the rows of one',
    )
    parser.add_argument(
        '--set',
        nargs='+',
        default=[],
        metavar='KEY=VALUE,VALUE',
        help='a row for each value of a field of the pretraining configs',
    )
    parser.add_argument(
        '--backbones',
        nargs='+',
        default=[],
        metavar='NAME',
        help='measure only these',
    )
    parser.add_argument(
        '--seeds',
        nargs='+',
        type=int,
        default=[],
        metavar='SEED',
        help='only these seeds',
    )
    parser.add_argument(
        '--skip',
        nargs='+',
        default=[],
        metavar='NAME',
        help='leave out these evaluations',
    )
    parser.add_argument(
        '--small', action='store_true', help='the quick part of each table'
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        '--workers',
        type=count,
        default=max(torch.cuda.device_count(), 2),
        help='number of runs at a time (default: one per GPU, at least 2)',
    )
    where.add_argument(
        '--slurm',
        nargs='+',
        metavar='KEY=VALUE',
        help='a job array of Slurm instead: partition=... time=... '
        'gpus_per_node=1 and other options of sbatch',
    )
    parser.add_argument(
        '--report-only',
        action='store_true',
        help='measure nothing, write the reports from the records',
    )
    parser.add_argument(
        '--accept',
        action='store_true',
        help="note in records that today's settings give the same scores, "
        'after a change that only wrote them another way',
    )
    parser.add_argument(
        '--again',
        action='store_true',
        help='measure again what is published with other settings',
    )
    parser.add_argument(
        '--work-dir',
        type=Path,
        default=Path('work_dirs'),
        help='gets a folder for each table (default: %(default)s)',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        default={},
        metavar='KEY=VALUE',
        help='override fields of the tables, e.g. data_root=FOLDER',
    )
    args = parser.parse_args(argv)
    if args.slurm and not all('=' in text for text in args.slurm):
        parser.error('--slurm takes KEY=VALUE, such as partition=gpu')
    return args


def comparisons(args: argparse.Namespace) -> list[Comparison]:
    """What the arguments ask for."""
    files = [find_config(name) for name in args.configs]
    fields = [resolve(file, args.cfg_options).to_dict() for file in files]
    kinds = {'backbones' in given for given in fields}
    if kinds == {True, False} or (True in kinds and args.set):
        raise InputError(
            'Give tables, which have `backbones`, or pretraining configs, '
            'not both; --set makes a table of the latter.'
        )
    if True in kinds:
        tables = [
            make_table(file.stem, given)
            for file, given in zip(files, fields, strict=True)
        ]
    else:
        seeds, args.seeds = args.seeds or [0, 1], []
        tables = [make_ablation(files, args.set, seeds, args.cfg_options)]
    names = [table.name for table in tables]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(
            f"Two tables have the name '{twice[0]}', which is that of their "
            'folders. Rename one of the files.'
        )
    known = {e.name: None for table in tables for e in table.evaluations}
    for name in args.skip:
        one_of(known, name, '--skip')
    end = '_small' if args.small else ''
    return [
        Comparison(table, args.work_dir / f'{table.name}{end}', args.small)
        for table in tables
    ]


def compare(argv: list[str] | None = None) -> None:
    """Measure and report; what failed ends it with its message."""
    args = parse_args(argv)
    check_folder(args.work_dir, '--work-dir')
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    slurm = args.slurm and dict(text.split('=', 1) for text in args.slurm)
    failures = []
    for comparison in comparisons(args):
        try:
            if args.accept:
                comparison.accept()
            if not args.report_only and not args.accept:
                failures += comparison.measure(
                    args.backbones,
                    args.seeds,
                    args.skip,
                    args.workers,
                    slurm,
                    args.again,
                ).values()
        except InputError as error:
            # Other tables, and what is finished, do not depend on it.
            failures.append(f'error: {error}')
        if file := comparison.report():
            print(f'The report: {file} and {comparison.work_dir}/report.html')
    if failures:
        sys.exit('\n\n'.join(failures))


def demo(argv: list[str] | None = None) -> None:
    """Compare what `make demo` compares."""
    arguments = sys.argv[1:] if argv is None else argv
    compare(['comparisons/demo', *arguments])

"""Pretrain and evaluate several configs with several seeds, in one table.

An interrupted ablation continues where it stopped when started again.
"""

import argparse
from pathlib import Path

from mmsca.apis.ablation import Ablation
from mmsca.apis.jobs import run_jobs_tool
from mmsca.apis.options import count, parse_options
from mmsca.utils.places import check_folder


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'configs',
        nargs='+',
        type=Path,
        metavar='CONFIG',
        help='pretraining config for MaterialScenes',
    )
    parser.add_argument(
        '--control',
        type=Path,
        metavar='CONFIG',
        help='the one that differences refer to (default: the first)',
    )
    parser.add_argument(
        '--seeds',
        type=int,
        nargs='+',
        default=[0, 1],
        help='seeds of each config (default: 0 1)',
    )
    parser.add_argument(
        '--work-dir',
        type=Path,
        default='work_dirs/ablation',
        help='folder of checkpoints, logs and the report '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--data-root',
        type=Path,
        default='data/material_scenes',
        help='folder of the data set, written if it is not there '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--workers',
        type=count,
        default=2,
        help='number of processes at a time (default: 2)',
    )
    parser.add_argument(
        '--cfg-options-pretrain',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='override fields of all the configs',
    )
    parser.add_argument(
        '--detection',
        action='store_true',
        help='fine-tune Mask R-CNN from each backbone too',
    )
    args = parser.parse_args()
    if min(args.seeds) < 0 or len(set(args.seeds)) < len(args.seeds):
        parser.error('--seeds must be different and not negative')
    try:
        parse_options(args.cfg_options_pretrain)
    except ValueError as error:
        parser.error(f'--cfg-options-pretrain: {error}')
    return args


def main():
    args = parse_args()
    check_folder(args.work_dir, '--work-dir')
    ablation = Ablation(
        args.configs,
        args.control,
        args.seeds,
        args.work_dir,
        args.data_root,
        args.workers,
        args.cfg_options_pretrain,
        args.detection,
    )
    report = ablation.run()
    print(f'\nThe report: {report}')


if __name__ == '__main__':
    run_jobs_tool(main)

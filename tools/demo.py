"""Pretrain, evaluate, report: everything mmsca does, on one CPU.

An interrupted demo continues where it stopped when started again.
"""

import argparse
from pathlib import Path

from mmsca.apis.demo import Demo
from mmsca.apis.jobs import run_jobs_tool
from mmsca.apis.options import count
from mmsca.utils.places import check_folder


def parse_args():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        '--work-dir',
        type=Path,
        default='work_dirs/demo',
        help='folder of checkpoints, logs and the report',
    )
    parser.add_argument(
        '--data-root',
        type=Path,
        default='data/material_scenes',
        help='folder of the data set, written if it is not there',
    )
    parser.add_argument(
        '--jobs', type=count, default=2, help='number of processes at a time'
    )
    return parser.parse_args()


def main():
    args = parse_args()
    check_folder(args.work_dir, '--work-dir')
    report = Demo(args.work_dir, args.data_root, args.jobs).run()
    print(f'\nThe report with pictures: {report}')


if __name__ == '__main__':
    run_jobs_tool(main)

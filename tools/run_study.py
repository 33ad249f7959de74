"""Run the tables of the study, and rebuild their reports from records.

An interrupted study continues where it stopped when started again.
"""

import argparse
from pathlib import Path

from mmsca.apis.jobs import run_jobs_tool
from mmsca.apis.options import count
from mmsca.apis.study import Study
from mmsca.utils.places import check_folder


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'tables',
        nargs='*',
        type=Path,
        metavar='TABLE_CONFIG',
        help='tables (default: all of configs/study)',
    )
    parser.add_argument(
        '--small',
        action='store_true',
        help='run the quick subset of each table, and print its scores beside '
        'the published ones',
    )
    parser.add_argument(
        '--arms', nargs='+', metavar='ARM', help='run only these arms'
    )
    parser.add_argument(
        '--seeds', nargs='+', type=int, metavar='SEED', help='only these seeds'
    )
    parser.add_argument(
        '--work-dir',
        type=Path,
        help='folder of checkpoints and logs (default: work_dirs/study, with '
        '--small work_dirs/study_small, which gets its records too)',
    )
    parser.add_argument(
        '--records',
        type=Path,
        default='docs/study',
        help='folder of the published records and reports '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--workers',
        type=count,
        default=2,
        help='number of processes at a time (default: 2)',
    )
    parser.add_argument(
        '--report-only',
        action='store_true',
        help='run nothing, rebuild the reports from the records',
    )
    return parser.parse_args()


def main():
    args = parse_args()
    if args.work_dir:
        check_folder(args.work_dir, '--work-dir')
    study = Study(
        args.tables,
        args.small,
        args.arms,
        args.seeds,
        args.work_dir,
        args.records,
        args.workers,
    )
    reports = study.report() if args.report_only else study.run()
    for report in reports:
        print(f'The report: {report}')


if __name__ == '__main__':
    run_jobs_tool(main)

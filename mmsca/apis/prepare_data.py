"""Prepare a downloaded data set: the whole of tools/prepare_data.py."""

import argparse
from pathlib import Path

from mmsca.datasets.archives import NAMES, prepare


def prepare_data(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description='Check a data set that you downloaded, unpack it, and '
        'write the lists and boxes of its splits that configs read.'
    )
    parser.add_argument('name', choices=NAMES, help='of the data set')
    parser.add_argument(
        'source', type=Path, help='its archive, or the folder of it'
    )
    parser.add_argument(
        '--to', type=Path, help='where it goes (default: data/NAME)'
    )
    args = parser.parse_args(argv)
    folder = args.to or Path('data', args.name)
    names = prepare(args.name, args.source, folder)
    print(f'{folder}/splits holds {", ".join(names)}')

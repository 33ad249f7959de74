"""Write down the splits of a folder of your own: see configs/_base_."""

import argparse
from pathlib import Path

from mmsca.datasets.folder_splits import write_splits
from mmsca.utils.errors import run_tool


def main():
    parser = argparse.ArgumentParser(
        description='Write ROOT/splits: classes, lists of images and boxes '
        'of train, val and test, which configs for a folder read.'
    )
    parser.add_argument(
        'root', type=Path, help='folder of class folders, or Tiny ImageNet'
    )
    parser.add_argument(
        '--seed', type=int, default=0, help='of splits that it does not have'
    )
    args = parser.parse_args()
    files = write_splits(args.root, args.seed)
    print(f'{args.root}/splits holds {", ".join(files)}')


if __name__ == '__main__':
    run_tool(main)

"""Write down the splits of a folder: the whole of tools/split_folder.py."""

import argparse
from pathlib import Path

from mmsca.datasets.folder_splits import write_splits


def split_folder(argv: list[str] | None = None) -> None:
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
    args = parser.parse_args(argv)
    files = write_splits(args.root, args.seed)
    print(f'{args.root}/splits holds {", ".join(files)}')

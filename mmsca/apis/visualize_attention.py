"""Draw what SCA sees: the whole of tools/visualize_attention.py."""

import argparse
from pathlib import Path

from mmsca.apis.attend import attend
from mmsca.apis.config import add_options_argument, add_trust_argument
from mmsca.apis.load import load_model
from mmsca.utils.options import count
from mmsca.utils.places import check_folder
from mmsca.visualization.attention import draw_attention


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='For each image: its partners among the others, where '
        'they answer to a point of it, its mask and its guided map.'
    )
    parser.add_argument('config', help='config file of a pretraining with SCA')
    parser.add_argument('checkpoint', help='checkpoint of that pretraining')
    parser.add_argument(
        'images',
        nargs='+',
        type=Path,
        help='images, more than partners; two without negatives',
    )
    parser.add_argument(
        '--query',
        nargs=2,
        type=float,
        metavar=('X', 'Y'),
        help='point that is asked about, as fractions of width and height '
        '(default: where the mask is largest)',
    )
    parser.add_argument(
        '--size',
        type=count,
        help='side in pixels that images are resized to (default: that of '
        'the global views of the config)',
    )
    parser.add_argument(
        '--out-dir',
        type=Path,
        default=Path('work_dirs/attention'),
        help='folder of the pictures (default: %(default)s)',
    )
    add_options_argument(parser)
    add_trust_argument(parser)
    args = parser.parse_args(argv)
    if args.query and not all(0 <= q <= 1 for q in args.query):
        parser.error('--query takes two fractions between 0 and 1')
    return args


def visualize_attention(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    check_folder(args.out_dir, '--out-dir')
    model = load_model(
        args.checkpoint,
        args.config,
        options=args.cfg_options,
        trust=args.trust_checkpoint,
    )
    found = attend(model, args.images, args.size, args.query)
    for i, (file, attention) in enumerate(
        zip(args.images, found, strict=True)
    ):
        out_file = args.out_dir / f'{i:03d}_{file.stem}.png'
        draw_attention(attention, out_file)
        print(out_file)

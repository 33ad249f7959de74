"""Convert a SwAV pretraining: the whole of tools/convert_swav.py."""

import argparse
import io
from pathlib import Path

import torch

from mmsca.apis.config import add_trust_argument
from mmsca.utils.checkpoint import read_state_dict
from mmsca.utils.checkpoint_checks import check_finite
from mmsca.utils.places import check_new_file
from mmsca.utils.swav_layouts import (
    PREFIXES,
    detect_layout,
    from_parts,
    to_parts,
)
from mmsca.utils.whole_file import write_whole


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Convert the weights of a SwAV pretraining between the '
        'names of its authors (facebookresearch/swav), of mmpretrain and of '
        'mmsca. Which of them the file has is found out. Weights alone are '
        'converted: no optimizer, no queue.'
    )
    parser.add_argument('source', help='checkpoint to convert')
    parser.add_argument('target', help='file to write')
    parser.add_argument(
        '--to', choices=list(PREFIXES), default='mmsca', help='names to give'
    )
    add_trust_argument(parser)
    return parser.parse_args(argv)


def convert(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    source, target = Path(args.source), Path(args.target)
    check_new_file(target, 'TARGET')
    state_dict = read_state_dict(source, args.trust_checkpoint)
    layout = detect_layout(state_dict, str(source))
    parts = to_parts(state_dict, layout, str(source))
    check_finite(state_dict, str(source))
    checkpoint = from_parts(parts, args.to)
    if args.to == 'official':
        # What their eval_linear.py and hubconf.py read: a flat dictionary
        # as DistributedDataParallel names it.
        checkpoint = {f'module.{k}': v for k, v in checkpoint.items()}
    else:
        checkpoint = dict(state_dict=checkpoint)
    write_whole(target, to_bytes(checkpoint))
    sizes = ', '.join(f'{len(v)} of {part}' for part, v in parts.items())
    print(f"'{source}' ({layout}) -> '{target}' ({args.to}): tensors {sizes}.")


def to_bytes(checkpoint: dict) -> bytes:
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    return buffer.getvalue()

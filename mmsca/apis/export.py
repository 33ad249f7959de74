"""Export a backbone: the whole of tools/export_backbone.py."""

import argparse
import pickle
from pathlib import Path

from torch import Tensor

from mmsca.apis.config import add_trust_argument
from mmsca.apis.convert import serialized
from mmsca.utils.atomic_backend import AtomicBackend
from mmsca.utils.backbone_layouts import (
    check_shapes,
    detect_resnet,
    detectron2_name,
    take_backbone,
)
from mmsca.utils.checkpoint import read_state_dict
from mmsca.utils.checkpoint_checks import check_finite
from mmsca.utils.errors import InputError, refuse_existing
from mmsca.utils.places import check_file

LIBRARIES = ('mmpretrain', 'torchvision', 'timm', 'detectron2')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Write the ResNet of a pretraining alone, under the '
        'names of another library. Images are then to be normalized as in '
        'the pretraining.'
    )
    parser.add_argument('source', help='checkpoint with a backbone')
    parser.add_argument('target', help='file to write')
    parser.add_argument(
        '--to',
        choices=LIBRARIES,
        required=True,
        help='library to load it. mmpretrain and mmdet: init_cfg=dict('
        "type='Pretrained', checkpoint=TARGET, prefix='backbone.'). "
        'torchvision: load_state_dict(strict=False), or strict without fc. '
        "timm: create_model('resnet50', num_classes=0). detectron2: "
        'MODEL.WEIGHTS, with RESNETS.STRIDE_IN_1X1 False and INPUT.FORMAT '
        'RGB',
    )
    parser.add_argument(
        '--prefix',
        default='backbone.',
        help="what the names of the backbone in SOURCE begin with, '' if it "
        'stands alone (default: %(default)s)',
    )
    add_trust_argument(parser)
    args = parser.parse_args(argv)
    if args.prefix and not args.prefix.endswith('.'):
        args.prefix += '.'
    return args


def export(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    source, target = Path(args.source), Path(args.target)
    check_target(target, args.to)
    state_dict = read_state_dict(source, args.trust_checkpoint)
    backbone = take_backbone(state_dict, args.prefix, str(source))
    backbone = without_classifier(backbone, args.prefix)
    check_finite(backbone, str(source))
    name = detect_resnet(backbone, args.prefix, str(source))
    # Only the ResNets of OpenMMLab are built at any width.
    if args.to != 'mmpretrain':
        check_shapes(backbone, name, args.prefix, str(source))
    AtomicBackend().put(to_library(backbone, args.to), target)
    print(f"'{source}' ({name}) -> '{target}' ({args.to}).")


def without_classifier(
    backbone: dict[str, Tensor], prefix: str
) -> dict[str, Tensor]:
    """Leave the classifier of a torchvision or timm ResNet out, and say so.

    Args:
        backbone (dict[str, Tensor]): Names of torchvision and tensors.
        prefix (str): What its names began with, for the line.

    Returns:
        dict[str, Tensor]: The names that do not begin with 'fc.'.
    """
    left = [name for name in backbone if name.startswith('fc.')]
    if left:
        names = ', '.join(prefix + name for name in left)
        print(f'The classifier is left out: {names}.')
    return {k: v for k, v in backbone.items() if k not in left}


def check_target(target: Path, library: str) -> None:
    """Check the name of the file to write.

    Args:
        target (Path): The file.
        library (str): One of `LIBRARIES`.

    Raises:
        InputError: If it exists, or the library would misread it.
    """
    check_file(target, 'TARGET')
    refuse_existing(target)
    if library == 'detectron2' and target.suffix != '.pkl':
        raise InputError(
            f"'{target}' does not end in .pkl, by which detectron2 tells "
            f"this format. Name it '{target.with_suffix('.pkl')}'."
        )


def to_library(backbone: dict[str, Tensor], library: str) -> bytes:
    """Content of the file that a library reads.

    Args:
        backbone (dict[str, Tensor]): Names of torchvision and tensors.
        library (str): One of `LIBRARIES`.

    Returns:
        bytes: A file of torch.save; for detectron2 a pickle of arrays.
    """
    if library == 'detectron2':
        # NumPy has no bfloat16, hence float32 throughout.
        arrays = {
            detectron2_name(name): value.detach().float().numpy()
            for name, value in backbone.items()
            if not name.endswith('num_batches_tracked')
        }
        # Matching finds the names below the prefix of any detector.
        return pickle.dumps(
            dict(model=arrays, __author__='mmsca', matching_heuristics=True)
        )
    if library == 'mmpretrain':
        named = {f'backbone.{name}': v for name, v in backbone.items()}
        return serialized(dict(state_dict=named))
    return serialized(backbone)

"""Export a backbone: the whole of tools/export_backbone.py."""

import argparse
import pickle
from pathlib import Path

import safetensors.torch
import torch
from torchvision.models import get_model

from mmsca.apis.config import add_trust_argument
from mmsca.apis.convert import to_bytes
from mmsca.apis.inspect import add_prefix_argument
from mmsca.utils.architectures import Architecture, detect_architecture
from mmsca.utils.backbone_names import DETECTRON2_RESNET, names_in
from mmsca.utils.checkpoint_checks import check_finite, first, is_counter
from mmsca.utils.checkpoint_reader import read_checkpoint
from mmsca.utils.errors import InputError
from mmsca.utils.places import check_new_file
from mmsca.utils.whole_file import write_whole

LIBRARIES = ('mmpretrain', 'torchvision', 'timm', 'detectron2')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Write the backbone of a checkpoint alone, under the '
        'names of another library. Images are then to be normalized as in '
        'the pretraining.'
    )
    parser.add_argument('source', help='checkpoint of any project')
    parser.add_argument(
        'target',
        help='file to write; a name in .safetensors gives that format',
    )
    parser.add_argument(
        '--to',
        choices=LIBRARIES,
        required=True,
        help='library to load it. mmpretrain and mmdet: init_cfg=dict('
        "type='Pretrained', checkpoint=TARGET). "
        'torchvision: load_state_dict(strict=False), or strict without fc. '
        "timm: create_model('resnet50', num_classes=0). detectron2: "
        'MODEL.WEIGHTS, with RESNETS.STRIDE_IN_1X1 False and INPUT.FORMAT '
        'RGB',
    )
    add_prefix_argument(parser)
    add_trust_argument(parser)
    return parser.parse_args(argv)


def export(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    source, target = args.source, Path(args.target)
    check_new_file(target, 'TARGET')
    if args.to == 'detectron2' and target.suffix != '.pkl':
        raise InputError(
            f"'{target}' does not end in .pkl, by which detectron2 tells "
            f"this format. Name it '{target.with_suffix('.pkl')}'."
        )
    content = read_checkpoint(source, args.trust_checkpoint)
    found = detect_architecture(content, source, args.prefix)
    check_exportable(found, args.to, source)
    write_whole(target, to_library(found, target, args.to))
    print(f"'{source}': {found.network}.")
    print(f"'{source}' ({found.name}) -> '{target}' ({args.to}).")


def check_exportable(found: Architecture, library: str, source: str) -> None:
    """Check that a library, one of `LIBRARIES`, can load a backbone.

    Raises:
        InputError: Tensors are missing or hold NaN, or the library builds no
            such network.
    """
    tensors = found.network.tensors
    check_finite(tensors, source)
    if found.is_transformer:
        if library != 'timm':
            raise InputError(
                f"'{source}' holds a {found}, which can only be exported "
                '--to timm.'
            )
        return
    with torch.device('meta'):
        expected = get_model(found.name).state_dict()
    missing = [
        name
        for name in expected
        if not (name in tensors or is_counter(name) or name[:3] == 'fc.')
    ]
    if missing:
        raise InputError(
            f"the backbone in '{source}' lacks {first(missing)} of "
            f'{found.name}. Only a whole one can be exported.'
        )
    # Only the ResNets of OpenMMLab are built at any width.
    for name, tensor in tensors.items():
        if library != 'mmpretrain' and tensor.shape != expected[name].shape:
            raise InputError(
                f"'{name}' in '{source}' has shape {tuple(tensor.shape)}, the "
                f'{found.name} of the other libraries has '
                f'{tuple(expected[name].shape)}. A backbone of another width '
                'can only be exported with --to mmpretrain, whose ResNet has '
                'base_channels and stem_channels.'
            )


def to_library(found: Architecture, target: Path, library: str) -> bytes:
    """Content of the file that a library reads.

    The target ends in .safetensors or is one of torch.save; that of
    detectron2 is a pickle of arrays.
    """
    tensors = found.network.tensors
    if library == 'detectron2':
        # NumPy has no bfloat16, hence float32 throughout.
        arrays = {
            names_in(DETECTRON2_RESNET, name)[0]: tensor.float().numpy()
            for name, tensor in tensors.items()
            if not is_counter(name)
        }
        # Matching finds the names below the prefix of any detector.
        return pickle.dumps(
            dict(model=arrays, __author__='mmsca', matching_heuristics=True)
        )
    if library == 'mmpretrain':
        tensors = {f'backbone.{name}': v for name, v in tensors.items()}
    if target.suffix == '.safetensors':
        # It refuses tensors that share memory.
        tensors = {k: v.clone().contiguous() for k, v in tensors.items()}
        return safetensors.torch.save(tensors, metadata=dict(format='pt'))
    if library == 'mmpretrain':
        return to_bytes(dict(state_dict=tensors))
    return to_bytes(tensors)

"""The names that other libraries give to the weights of a ResNet.

mmpretrain, mmdet, torchvision and timm share those of torchvision;
detectron2 has its own, without counters of batches.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor
from torchvision.models import get_model

from mmsca.utils.errors import InputError
from mmsca.utils.swav_layouts import RESNETS, nearest_resnet


def take_backbone(
    state_dict: Mapping[str, Tensor], prefix: str, source: str
) -> dict[str, Tensor]:
    """Take the backbone out of a checkpoint.

    Args:
        state_dict (Mapping[str, Tensor]): Names and tensors.
        prefix (str): What the names of the backbone begin with; '' where it
            stands alone.
        source (str): Name of the file, for the error.

    Returns:
        dict[str, Tensor]: Names without `prefix` and tensors.

    Raises:
        InputError: If no name begins with `prefix`.
    """
    backbone = {
        key.removeprefix(prefix): value
        for key, value in state_dict.items()
        if key.startswith(prefix)
    }
    if not backbone:
        raise InputError(
            f"'{source}' has no backbone: none of its names begins with "
            f"'{prefix}'. It holds {_count(state_dict)}. Say with --prefix "
            "what the names of the backbone begin with, --prefix '' if it "
            'stands alone.'
        )
    return backbone


def detect_resnet(
    backbone: Mapping[str, Tensor], prefix: str, source: str
) -> str:
    """Tell the ResNet by its names, which must be all there.

    Args:
        backbone (Mapping[str, Tensor]): See `take_backbone`.
        prefix (str): What its names began with, for the error.
        source (str): Name of the file, for the error.

    Returns:
        str: One of `RESNETS`.

    Raises:
        InputError: If names are missing, or others are there.
    """
    nearest, expected = nearest_resnet(set(backbone))
    missing = sorted(expected - set(backbone))
    unknown = sorted(set(backbone) - expected)
    problems = [
        f'{verb} {_count([prefix + key for key in keys])}'
        for verb, keys in (('lacks', missing), ('has', unknown))
        if keys
    ]
    if problems:
        raise InputError(
            f"the backbone in '{source}' is none of {', '.join(RESNETS)}: "
            f'unlike {nearest} it {" and ".join(problems)}. Only a whole one '
            'of these ResNets, without a classifier, can be exported; see '
            'also --prefix.'
        )
    return nearest


def check_shapes(
    backbone: Mapping[str, Tensor], name: str, prefix: str, source: str
) -> None:
    """Check that a backbone is as wide as torchvision builds it.

    A thin or wide one has the same names.

    Args:
        backbone (Mapping[str, Tensor]): With the names of `name`.
        name (str): One of `RESNETS`.
        prefix (str): What its names began with, for the error.
        source (str): Name of the file, for the error.

    Raises:
        InputError: If a tensor has another shape.
    """
    with torch.device('meta'):
        expected = get_model(name).state_dict()
    for key, value in backbone.items():
        if value.shape != expected[key].shape:
            raise InputError(
                f"'{prefix}{key}' in '{source}' has shape "
                f'{tuple(value.shape)}, the {name} of the other libraries '
                f'has {tuple(expected[key].shape)}. A backbone of another '
                'width can only be exported with --to mmpretrain, whose '
                'ResNet has base_channels and stem_channels.'
            )


def detectron2_name(name: str) -> str:
    """Name in detectron2, such as res2.0.conv1.norm.bias.

    Args:
        name (str): Name in torchvision, such as layer1.0.bn1.bias.

    Returns:
        str: What detectron2 calls it.
    """
    name = re.sub(r'\bbn(\d)\.', r'conv\1.norm.', name)
    name = name.replace('downsample.0.', 'shortcut.')
    name = name.replace('downsample.1.', 'shortcut.norm.')
    stage = re.match(r'layer(\d)\.', name)
    if stage is None:
        return f'stem.{name}'
    # The stem counts as the first stage there.
    return f'res{int(stage[1]) + 1}.{name[stage.end() :]}'


def _count(keys: Mapping | list[str]) -> str:
    """'12 names (a, b, c, ...)'."""
    keys = list(keys)
    first = keys[:3] + ['...'] * (len(keys) > 3)
    plural = 's' * (len(keys) > 1)
    return f'{len(keys)} name{plural} ({", ".join(first)})'

"""The names that three code bases give to the weights of SwAV.

All three have the ResNet of torchvision, a projection Linear-BN-ReLU-Linear,
and prototypes without bias, each below a prefix of its own.
"""

import re
from collections.abc import Mapping
from functools import cache

import torch
from torch import Tensor
from torchvision.models import get_model

from mmsca.utils.checkpoint_checks import first
from mmsca.utils.errors import InputError

PREFIXES = {
    # facebookresearch/swav, src/resnet50.py
    'official': dict(
        backbone='', projection='projection_head.', prototypes='prototypes.'
    ),
    # mmpretrain.SwAV with its SwAVNeck, SwAVHead and SwAVLoss
    'mmpretrain': dict(
        backbone='backbone.',
        projection='neck.projection_neck.',
        prototypes='head.loss_module.prototypes.',
    ),
    # mmsca.SwAV and mmsca.SwAVSCA
    'mmsca': dict(
        backbone='backbone.',
        projection='neck.projection_neck.',
        prototypes='head.prototypes.',
    ),
}
# SwAVNeck registers its BN twice; this name comes beside `projection.1.`.
NECK_NORM = 'neck.norm.'
# State of a training that the others lack; a fresh queue fills itself.
QUEUES = ('head.queue.', 'guided_queue.')

BN = ('weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked')
PROJECTION = {
    *('0.weight', '0.bias'),
    *(f'1.{name}' for name in BN),
    *('3.weight', '3.bias'),
}
RESNETS = ('resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnet152')

Parts = dict[str, dict[str, Tensor]]


def detect_layout(state_dict: Mapping[str, Tensor], source: str) -> str:
    """The layout, a key of `PREFIXES`, by the names of the prototypes.

    Raises:
        InputError: If there are no prototypes.
    """
    for layout, prefixes in PREFIXES.items():
        if any(key.startswith(prefixes['prototypes']) for key in state_dict):
            return layout
    expected = [f"'{p['prototypes']}*' ({k})" for k, p in PREFIXES.items()]
    raise InputError(
        f"'{source}' is no SwAV pretraining: it has no prototypes, which are "
        f'named {", ".join(expected)}. It holds {first(list(state_dict))}. '
        'Give the whole checkpoint of a pretraining, not a backbone or a '
        'classifier.'
    )


def to_parts(
    state_dict: Mapping[str, Tensor], layout: str, source: str
) -> Parts:
    """Take a state dict apart.

    Args:
        state_dict (Mapping[str, Tensor]): Names without `module.`, tensors.
        layout (str): Its layout, see `detect_layout`.
        source (str): Name of the file, for the errors.

    Returns:
        dict[str, dict[str, Tensor]]: State dicts of `backbone` and
        `projection` in the names of torchvision and torch, and of
        `prototypes`, named by the number of the set: '0', '1', ...

    Raises:
        InputError: If there are other names, or some are missing.
    """
    parts: Parts = dict(backbone={}, projection={}, prototypes={})
    prefixes = PREFIXES[layout]
    for key, value in state_dict.items():
        if layout == 'mmsca' and key.startswith(QUEUES):
            continue
        if layout != 'official' and key.startswith(NECK_NORM):
            continue
        part = 'backbone'  # with an empty prefix in the official layout
        for name in ('projection', 'prototypes'):
            if key.startswith(prefixes[name]):
                part = name
        parts[part][key.removeprefix(prefixes[part])] = value
    parts['prototypes'] = {
        _set_of_prototypes(name): value
        for name, value in parts['prototypes'].items()
    }
    _check_names(parts, prefixes, source)
    return parts


def from_parts(parts: Parts, layout: str) -> dict[str, Tensor]:
    """Put the parts together in a layout, the inverse of `to_parts`."""
    if layout == 'mmsca':
        name = '{}.weight'
    elif len(parts['prototypes']) == 1:
        # The authors number the sets only where there are several.
        name = 'weight'
    else:
        name = 'prototypes{}.weight'
    prototypes = {name.format(k): v for k, v in parts['prototypes'].items()}
    parts = dict(parts, prototypes=prototypes)
    state_dict = {
        PREFIXES[layout][part] + name: value
        for part, named in parts.items()
        for name, value in named.items()
    }
    if layout != 'official':
        state_dict |= {
            NECK_NORM + name: parts['projection'][f'1.{name}'] for name in BN
        }
    return state_dict


def _set_of_prototypes(name: str) -> str:
    """'0' of 'weight', '2' of 'prototypes2.weight' and of '2.weight'."""
    match = re.fullmatch(r'(?:(?:prototypes)?(\d+)\.)?weight', name)
    return name if match is None else match[1] or '0'


def _check_names(
    parts: Parts, prefixes: Mapping[str, str], source: str
) -> None:
    """Names must be those of the nearest of `RESNETS`, to the last."""
    found = set(parts['backbone'])
    resnets = [set(resnet_names(name)) for name in RESNETS]
    backbone = min(resnets, key=lambda names: len(names ^ found))
    expected = dict(
        backbone=backbone,
        projection=PROJECTION,
        prototypes={str(i) for i in range(len(parts['prototypes']))},
    )
    for part, names in expected.items():
        missing = sorted(names - set(parts[part]))
        unknown = sorted(set(parts[part]) - names)
        for problem, keys in dict(lacks=missing, has=unknown).items():
            if keys:
                keys = [prefixes[part] + key for key in keys]
                raise InputError(
                    f"'{source}' {problem} {first(keys)}, unlike a SwAV "
                    'pretraining of a ResNet with a projection of two '
                    'layers. Only such a checkpoint, as the training wrote '
                    'it, can be converted.'
                )


@cache
def resnet_names(name: str) -> tuple[str, ...]:
    """Names of the state dict of one of torchvision's ResNets."""
    with torch.device('meta'):
        names = get_model(name).state_dict()
    return tuple(name for name in names if name[:3] != 'fc.')

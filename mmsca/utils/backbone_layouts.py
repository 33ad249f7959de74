"""Which network of a checkpoint file fills a backbone.

Files of other projects are taken as they are, see
:mod:`mmsca.utils.backbone_networks`.
"""

from collections.abc import Mapping

import torch
from torch import Size

from mmsca.utils.backbone_networks import Network, containers, find_networks
from mmsca.utils.checkpoint_checks import (
    CheckpointCoverageError,
    first,
    is_counter,
)

# Of two networks in a file the first is taken, as in the evaluation of those
# who write such files. `module` is left out of paths here.
CHOICES = [
    # DINO, iBOT
    ('teacher', 'student'),
    # MoCo v1 and v2; PixPro; MoCo v3
    ('encoder_q', 'encoder_k'),
    ('encoder', 'encoder_k'),
    ('base_encoder', 'momentum_encoder'),
    # BYOL in PyTorch
    ('online_network', 'target_network'),
    ('online_network_state_dict', 'target_network_state_dict'),
    # OpenSelfSup (DenseCL), mmselfsup and mmpretrain
    ('backbone', 'encoder_q.0'),
    ('backbone', 'encoder_k.0'),
    ('backbone', 'online_net.0'),
    ('backbone', 'target_net.0'),
    # solo-learn
    ('backbone', 'momentum_backbone'),
    ('encoder', 'momentum_encoder'),
    # lightly
    ('backbone', 'backbone_momentum'),
    ('backbone', 'key_backbone'),
    ('backbone', 'student_backbone'),
    ('backbone', 'teacher_backbone'),
    ('teacher_backbone', 'student_backbone'),
    # VISSL
    ('base_model.model', 'loss.moco_encoder'),
    # Averaged weights of timm; in mmengine they are the others
    ('state_dict_ema', 'state_dict'),
    ('state_dict', 'ema_state_dict'),
]


def find_backbone(
    content,
    wanted: Mapping[str, Size | None],
    source: str,
    prefix: str | None = None,
    kind: str = 'the backbone',
) -> Network:
    """Find the one backbone of a checkpoint.

    Args:
        content (object): All that the file holds.
        wanted (Mapping[str, Size | None]): Names of the backbone and their
            shapes, None for any.
        source (str): Name of the file, for errors.
        prefix (str, optional): Chooses where a file holds several: parts of
            the path in their order, such as 'student' or 'module.encoder_k.'.
        kind (str): What the backbone is, for errors.

    Returns:
        Network: One that fits.

    Raises:
        CheckpointCoverageError: None fits, or several do and `CHOICES` does
            not say which is meant.
    """
    found = find_networks(content, wanted)
    at_prefix = [n for n in found if is_at(n.path, prefix)]
    fitting = [network for network in at_prefix if network.fits]
    if not fitting:
        best = next(iter(at_prefix or found), None)
        raise CheckpointCoverageError(
            no_fit(content, wanted, best, source, prefix, kind)
        )
    chosen = choose(fitting)
    if len(chosen) > 1:
        paths = [network.path for network in chosen]
        raise CheckpointCoverageError(
            f"the checkpoint '{source}' holds {len(chosen)} networks that "
            f'fit {kind}: {", ".join(map(repr, paths))}. Say which one is '
            'meant, with --cfg-options '
            f'model.backbone.init_cfg.prefix={paths[0]}, or --prefix '
            f'{paths[0]} for a tool without a config.'
        )
    network = chosen[0]
    network.passed_over = [n.path for n in fitting if n is not network]
    return network


def is_at(path: str, prefix: str | None) -> bool:
    """Whether the parts of a prefix are those of a path, in their order."""
    parts = iter(path.split('.'))
    wanted = filter(None, (prefix or '').split('.'))
    return all(part in parts for part in wanted)


def choose(networks: list[Network]) -> list[Network]:
    """Leave out the networks that another one is preferred to.

    More than one remains if it is open which is meant.
    """
    plain = [
        '.'.join(p for p in n.path.split('.') if p != 'module')
        for n in networks
    ]
    remaining: list[Network] = []
    for path, network in zip(plain, networks, strict=True):
        better = {
            f'.{path}.'.replace(f'.{left}.', f'.{taken}.')[1:-1]
            for taken, left in CHOICES
        }
        if (better - {path}) & set(plain):
            continue
        if not any(same_tensors(network, other) for other in remaining):
            remaining.append(network)
    return remaining


def same_tensors(one: Network, other: Network) -> bool:
    """Whether two names lead to one network, as `backbone = encoder[0]`."""
    return one.tensors.keys() == other.tensors.keys() and all(
        torch.equal(one.tensors[name], other.tensors[name])
        for name in one.tensors
    )


def no_fit(
    content,
    wanted: Mapping[str, Size | None],
    best: Network | None,
    source: str,
    prefix: str | None,
    kind: str,
) -> str:
    """The sentence for a file without the backbone; `best` is closest."""
    expected = [name for name in wanted if not is_counter(name)]
    held = [name for _, tensors in containers(content) for name in tensors]
    counted = best is not None and is_at(best.path, prefix)
    where = f" under '{prefix}'" if prefix else ''
    lines = [
        f"the checkpoint '{source}' covers {best.matched if counted else 0} "
        f'of {len(expected)} keys of {kind}{where}.',
        f'  expected: {first(expected)}',
        f'  in the file: {first(held)}',
    ]
    if best is not None and best.tensors:
        lines.append(f'  closest: {best}')
        lines += [
            f"  '{name}' has shape {tuple(best.tensors[name].shape)}, the "
            f'model needs {tuple(wanted[name])}'
            for name in best.mismatched[:3]
        ]
        lines += [
            f"  '{name}' is a layer that the model does not have"
            for name in best.deeper[:1]
        ]
    lines.append(
        'Take the depth and width of the model that was pretrained; '
        f'`mmsca inspect {source}` tells them.'
    )
    return '\n'.join(lines)

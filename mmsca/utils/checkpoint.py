"""Weights of a checkpoint, and how they get into a module.

A `type='Pretrained'` of `init_cfg` loads through :func:`find_weights` too,
so that it fails where mmengine's own goes on from random weights.
"""

import logging
from collections.abc import Mapping
from os import PathLike

from mmengine.logging import print_log
from mmengine.model import PretrainedInit as BasePretrainedInit
from mmengine.model import update_init_info
from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

from mmsca.utils.backbone_layouts import find_backbone
from mmsca.utils.backbone_networks import containers
from mmsca.utils.checkpoint_checks import check_finite, first, is_counter
from mmsca.utils.checkpoint_reader import read_checkpoint
from mmsca.utils.errors import InputError


def read_state_dict(
    path: str | PathLike, trust: bool = False
) -> dict[str, Tensor]:
    """The tensors of a checkpoint file.

    See `read_checkpoint` and `state_dict_of`.
    """
    return state_dict_of(read_checkpoint(path, trust), str(path))


def state_dict_of(checkpoint, source: str) -> dict[str, Tensor]:
    """The tensors of what a checkpoint file holds.

    They lie in a flat dictionary, or in one under the key `state_dict`. Names
    lose a leading `module.`.

    Raises:
        InputError: There are no tensors.
    """
    inner = checkpoint
    if isinstance(checkpoint, Mapping):
        inner = checkpoint.get('state_dict', checkpoint)
    tensors = {}
    if isinstance(inner, Mapping):
        tensors = {
            str(key).removeprefix('module.'): value
            for key, value in inner.items()
            if isinstance(value, Tensor)
        }
    if not tensors:
        raise no_tensors(checkpoint, source)
    return tensors


def no_tensors(checkpoint, source: str) -> InputError:
    """The error for a file without weights."""
    held = f'a {type(checkpoint).__name__}'
    if isinstance(checkpoint, Mapping) and not checkpoint:
        held = 'nothing'
    elif isinstance(checkpoint, Mapping):
        held = f'the keys {first([repr(k) for k in checkpoint], 9)}'
    return InputError(
        f"'{source}' holds no tensors where they are looked for; it holds "
        f'{held}. Give a checkpoint of a training run, or save the '
        'dictionary of tensors alone.'
    )


def find_weights(
    module: nn.Module,
    checkpoint,
    source: str,
    prefix: str | None = None,
    part: str = '',
) -> dict[str, Tensor]:
    """Find the weights of a module in what a checkpoint file holds.

    What was found is one line in the log. See `find_backbone` for arguments
    and errors.

    Args:
        part (str): Which part of a backbone the module is, e.g. 'layer4'.

    Returns:
        dict[str, Tensor]: Tensors under the names of the module.
    """
    if not any(containers(checkpoint)):
        raise no_tensors(checkpoint, source)
    start = f'{part}.' if part else ''
    wanted = {start + k: v.shape for k, v in module.state_dict().items()}
    name = type(module).__name__
    network = find_backbone(checkpoint, wanted, source, prefix, name)
    check_finite(network.tensors, source)
    print_log(f"'{source}' -> {name}: {network}.", 'current')
    missing = [
        k for k in wanted if k not in network.tensors and not is_counter(k)
    ]
    if missing:
        print_log(
            f"'{source}' lacks {first(missing)}: left as initialised.",
            logger='current',
            level=logging.WARNING,
        )
    return {k.removeprefix(start): v for k, v in network.tensors.items()}


def trained_classes(checkpoint: Mapping) -> list[str] | None:
    """Names of the classes that a checkpoint was trained on, if it says."""
    meta = checkpoint.get('meta')
    data = meta.get('dataset_meta') if isinstance(meta, Mapping) else None
    return data.get('classes') if isinstance(data, Mapping) else None


def prefix_of(init_cfg) -> str | None:
    """The `prefix` of the `init_cfg` of a backbone, if it has one."""
    return init_cfg.get('prefix') if isinstance(init_cfg, Mapping) else None


def load_backbone(
    module: nn.Module,
    path: str | PathLike,
    prefix: str | None = None,
    trust: bool = False,
) -> None:
    """Load the weights of a module from a local checkpoint file, or fail.

    The file is of mmsca or of any project that
    :mod:`mmsca.utils.backbone_names` knows the names of; see
    `read_checkpoint` and `find_weights`.
    """
    checkpoint = read_checkpoint(path, trust)
    weights = find_weights(module, checkpoint, str(path), prefix)
    module.load_state_dict(weights, strict=False)


@WEIGHT_INITIALIZERS.register_module(name='Pretrained', force=True)
class PretrainedInit(BasePretrainedInit):
    """mmengine's `Pretrained`, which fails if the checkpoint does not fit.

    Args:
        checkpoint (str): Path, URL or name in a model zoo.
        prefix (str, optional): See
            :func:`mmsca.utils.backbone_layouts.find_backbone`.
        part (str): See :func:`find_weights`.
        **kwargs: As in mmengine.
    """

    def __init__(
        self,
        checkpoint: str,
        prefix: str | None = None,
        part: str = '',
        **kwargs,
    ) -> None:
        super().__init__(checkpoint, prefix=prefix, **kwargs)
        self.part = part

    def __call__(self, module: nn.Module) -> None:
        checkpoint = CheckpointLoader.load_checkpoint(self.checkpoint, 'cpu')
        weights = find_weights(
            module, checkpoint, self.checkpoint, self.prefix, self.part
        )
        module.load_state_dict(weights, strict=False)
        if hasattr(module, '_params_init_info'):
            update_init_info(module, self._get_init_info())

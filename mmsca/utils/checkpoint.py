"""Weights of a checkpoint, and how they get into a module.

A `type='Pretrained'` of `init_cfg` loads through :func:`load_weights` too,
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

from mmsca.utils.checkpoint_checks import (
    check_coverage,
    check_finite,
    first,
)
from mmsca.utils.checkpoint_reader import read_checkpoint
from mmsca.utils.errors import InputError


def read_state_dict(
    path: str | PathLike, trust: bool = False
) -> dict[str, Tensor]:
    """Read the tensors of a checkpoint file to the CPU.

    Args:
        path (str | PathLike): A local file, see `state_dict_of`.
        trust (bool): See `read_checkpoint`.

    Returns:
        dict[str, Tensor]: Names without a leading `module.` and tensors.

    Raises:
        InputError: See `read_checkpoint` and `state_dict_of`.
    """
    return state_dict_of(read_checkpoint(path, trust), str(path))


def state_dict_of(checkpoint, source: str) -> dict[str, Tensor]:
    """The tensors of what a checkpoint file holds.

    Args:
        checkpoint (object): Either a flat dictionary of tensors or one that
            has them under the key `state_dict`.
        source (str): Name of the file, for the error.

    Returns:
        dict[str, Tensor]: Names without a leading `module.` and tensors.

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
        held = f'a {type(checkpoint).__name__}'
        if isinstance(checkpoint, Mapping) and not checkpoint:
            held = 'nothing'
        elif isinstance(checkpoint, Mapping):
            held = f'the keys {first([repr(k) for k in checkpoint], 9)}'
        raise InputError(
            f"'{source}' holds no tensors, neither at its top level nor under "
            f"'state_dict'; it holds {held}. Give a checkpoint of a training "
            'run, or save the dictionary of tensors alone.'
        )
    return tensors


def load_weights(
    module: nn.Module,
    state_dict: Mapping[str, Tensor],
    prefix: str,
    source: str,
) -> None:
    """Load the weights of a module, or fail.

    Args:
        module (nn.Module): The module to be loaded, e.g. a backbone.
        state_dict (Mapping[str, Tensor]): Names and tensors.
        prefix (str): See `check_coverage`.
        source (str): Name of the file, for log and errors.

    Raises:
        CheckpointCoverageError: See `check_coverage`.
        InputError: See `check_finite`.
    """
    fitting = check_coverage(state_dict, module, prefix, source)
    check_finite(fitting, source)
    missing, _ = module.load_state_dict(fitting, strict=False)
    name = type(module).__name__
    print_log(f"'{source}': {len(fitting)} tensors of {name}.", 'current')
    missing = [k for k in missing if not k.endswith('num_batches_tracked')]
    if missing:
        print_log(
            f"'{source}' lacks {first(missing)}: left as initialised.",
            logger='current',
            level=logging.WARNING,
        )


def load_backbone(
    module: nn.Module,
    path: str | PathLike,
    prefix: str = 'backbone.',
    trust: bool = False,
) -> None:
    """Load the weights of a module from a checkpoint file, or fail.

    Args:
        module (nn.Module): The module to be loaded, e.g. a backbone.
        path (str | PathLike): A local file, see `read_state_dict`.
        prefix (str): See `check_coverage`.
        trust (bool): See `read_checkpoint`.

    Raises:
        InputError: See `read_state_dict` and `load_weights`.
    """
    load_weights(module, read_state_dict(path, trust), prefix, str(path))


@WEIGHT_INITIALIZERS.register_module(name='Pretrained', force=True)
class PretrainedInit(BasePretrainedInit):
    """mmengine's `Pretrained`, which fails if the checkpoint does not fit.

    Args:
        checkpoint (str): Path, URL or name in a model zoo.
        prefix (str, optional): What the names of the module begin with in
            the checkpoint. Defaults to None, nothing.
        **kwargs: As in mmengine.
    """

    def __call__(self, module: nn.Module) -> None:
        checkpoint = CheckpointLoader.load_checkpoint(self.checkpoint, 'cpu')
        state_dict = state_dict_of(checkpoint, self.checkpoint)
        load_weights(module, state_dict, self.prefix or '', self.checkpoint)
        if hasattr(module, '_params_init_info'):
            update_init_info(module, self._get_init_info())

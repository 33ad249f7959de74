"""Reading checkpoints, and refusing those that do not fit.

OpenMMLab loads with `strict=False`: a wrong prefix or another depth gives a
warning among many, and the run goes on from random weights. Here it fails.
"""

import logging
import pickle
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import numpy as np
import torch
from mmengine.logging import HistoryBuffer, print_log
from torch import Tensor, nn

from mmsca.utils.errors import InputError

MIN_COVERAGE = 0.95


class CheckpointCoverageError(InputError):
    """A checkpoint holds too few of the keys that a module needs."""


def read_state_dict(path: str | PathLike) -> dict[str, Tensor]:
    """Read the tensors of a checkpoint file to the CPU.

    The file is read with `weights_only=True`, which runs no code of it. The
    log buffers in checkpoints of mmengine are let in by name.

    Args:
        path (str | PathLike): A local file, either a flat dictionary of
            tensors or one under the key `state_dict`.

    Returns:
        dict[str, Tensor]: Names without a leading `module.` and tensors.

    Raises:
        InputError: The file is not there, is no checkpoint, is cut off, or
            has no tensors.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise InputError(
            f"there is no checkpoint file '{path}'. Check the path; the .pth "
            'files of a run lie in its work directory.'
        )
    checkpoint = _read(path)
    if isinstance(checkpoint, Mapping) and 'state_dict' in checkpoint:
        checkpoint = checkpoint['state_dict']
    tensors = {}
    if isinstance(checkpoint, Mapping):
        tensors = {
            str(key).removeprefix('module.'): value
            for key, value in checkpoint.items()
            if isinstance(value, Tensor)
        }
    if not tensors:
        raise InputError(
            f"'{path}' holds no tensors, neither at its top level nor under "
            "'state_dict'. Give a checkpoint of a training run."
        )
    return tensors


def _method_of_buffer(owner: type, name: str):
    """The only use of `getattr` that a checkpoint of mmengine has."""
    if owner is not HistoryBuffer:
        raise pickle.UnpicklingError(f'{name} of {owner} is asked for')
    return getattr(owner, name)


# What a HistoryBuffer is pickled as, under the names of numpy 1 and 2.
LOG_BUFFERS = [
    HistoryBuffer,
    (_method_of_buffer, 'builtins.getattr'),
    np.ndarray,
    np.dtype,
    np.dtypes.Float64DType,
    np.dtypes.Int64DType,
]
for _function in (np.empty(0).__reduce__()[0], np.float64(0).__reduce__()[0]):
    LOG_BUFFERS += [
        (_function, f'numpy.{core}.multiarray.{_function.__name__}')
        for core in ('core', '_core')
    ]


def _read(path: Path):
    try:
        with torch.serialization.safe_globals(LOG_BUFFERS):
            return torch.load(path, map_location='cpu', weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"'{path}' is not a checkpoint of tensors: it holds other Python "
            'objects, or is no PyTorch file. Save the state_dict alone with '
            'torch.save and give that file.'
        ) from error
    # torch.load raises whatever the parser trips over.
    except (RuntimeError, EOFError, LookupError, ValueError) as error:
        raise InputError(
            f"'{path}' can not be read as a checkpoint; it is cut off or no "
            'PyTorch file. Copy or download it again.'
        ) from error


def check_coverage(
    state_dict: Mapping[str, Tensor],
    module: nn.Module,
    prefix: str = 'backbone.',
    source: str = '',
) -> dict[str, Tensor]:
    """Check that a checkpoint has the weights of a module.

    The `num_batches_tracked` counters do not count: converted checkpoints
    lack them and inference never reads them.

    Args:
        state_dict (Mapping[str, Tensor]): Names and tensors.
        module (nn.Module): The module to be loaded, e.g. a backbone.
        prefix (str): What the names of `module` begin with in `state_dict`;
            '' where they stand alone.
        source (str): Name of the file, for the error.

    Returns:
        dict[str, Tensor]: The part that fits, under the names of `module`.

    Raises:
        CheckpointCoverageError: Fewer than 95 % of the keys of `module` are
            there with the same shape.
    """
    if prefix and not prefix.endswith('.'):
        prefix += '.'
    wanted = module.state_dict()
    expected = [k for k in wanted if not k.endswith('num_batches_tracked')]
    found = [k for k in expected if prefix + k in state_dict]
    mismatched = [
        k for k in found if state_dict[prefix + k].shape != wanted[k].shape
    ]
    matched = len(found) - len(mismatched)
    if matched < MIN_COVERAGE * len(expected):
        lines = [
            f"the checkpoint '{source}' covers {matched} of {len(expected)} "
            f"keys of {type(module).__name__} under the prefix '{prefix}'.",
            f'  expected: {_first([prefix + k for k in expected])}',
            f'  in the file: {_first(list(state_dict))}',
        ]
        lines += [
            f"  '{prefix}{k}' has shape {tuple(state_dict[prefix + k].shape)}"
            f', the model needs {tuple(wanted[k].shape)}'
            for k in mismatched[:3]
        ]
        lines.append(
            'Set the prefix to what the names in the file begin with (None '
            'if nothing), and take the depth and width of the model that was '
            'pretrained.'
        )
        raise CheckpointCoverageError('\n'.join(lines))
    return {
        k: state_dict[prefix + k]
        for k in wanted
        if prefix + k in state_dict and k not in mismatched
    }


def _first(keys: list[str], count: int = 3) -> str:
    tail = ', ...' if len(keys) > count else ''
    return ', '.join(keys[:count]) + tail


def load_backbone(
    module: nn.Module, path: str | PathLike, prefix: str = 'backbone.'
) -> None:
    """Load the weights of a module from a checkpoint, or fail.

    Args:
        module (nn.Module): The module to be loaded, e.g. a backbone.
        path (str | PathLike): A local file, see `read_state_dict`.
        prefix (str): See `check_coverage`.

    Raises:
        InputError: See `read_state_dict`.
        CheckpointCoverageError: See `check_coverage`.
    """
    fitting = check_coverage(read_state_dict(path), module, prefix, str(path))
    missing, _ = module.load_state_dict(fitting, strict=False)
    missing = [k for k in missing if not k.endswith('num_batches_tracked')]
    if missing:
        print_log(
            f"'{path}' lacks {_first(missing)}: left as initialised.",
            logger='current',
            level=logging.WARNING,
        )

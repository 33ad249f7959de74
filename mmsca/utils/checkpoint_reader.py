"""The one way a checkpoint is read: without running code of the file.

A pickle can run anything. Here it may build tensors, containers, and by name
what checkpoints of mmengine hold besides: log buffers and numbers of NumPy.
mmengine's Runner and its model zoo read through this module too, so that its
fallback to a full unpickling is never taken.
"""

import difflib
import pickle
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import safetensors.torch
import torch
import torch.distributed as dist
from mmengine.dist import get_dist_info
from mmengine.logging import HistoryBuffer
from mmengine.runner.checkpoint import (
    CheckpointLoader,
    get_deprecated_model_names,
    get_external_models,
    get_torchvision_models,
)

from mmsca.utils.errors import InputError


def _method_of_buffer(owner: type, name: str):
    """The only use of `getattr` that a checkpoint of mmengine has."""
    if owner is not HistoryBuffer:
        raise pickle.UnpicklingError(f'GLOBAL builtins.getattr of {owner}')
    return getattr(owner, name)


# Log buffers, arrays and scalars, under the names of NumPy 1 and 2.
SAFE_TYPES = [
    HistoryBuffer,
    (_method_of_buffer, 'builtins.getattr'),
    np.ndarray,
    np.dtype,
    *{type(np.dtype(code)) for code in '?bhilqBHILQefdU'},
]
for _function in (np.empty(0).__reduce__()[0], np.float64(0).__reduce__()[0]):
    SAFE_TYPES += [
        (_function, f'numpy.{core}.multiarray.{_function.__name__}')
        for core in ('core', '_core')
    ]


def read_checkpoint(
    path: str | PathLike,
    trust: bool = False,
    map_location: str | torch.device = 'cpu',
    mmap: bool = False,
):
    """Read all that a checkpoint file holds.

    Args:
        path (str | PathLike): A local file, of torch.save or safetensors.
        trust (bool): Whether the file may run code, as the user said with
            `--trust-checkpoint`.
        map_location (str | torch.device): Where tensors go to.
        mmap (bool): Whether tensors stay in the file until they are used.

    Returns:
        object: Most often a dictionary.

    Raises:
        InputError: The file is not there, is no checkpoint, is cut off, or
            holds Python objects that are not known to be harmless.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise InputError(
            f"there is no checkpoint file '{path}'. Check the path; the .pth "
            'files of a run lie in its work directory.'
        )
    try:
        if path.suffix == '.safetensors':
            return safetensors.torch.load_file(path, str(map_location))
        with torch.serialization.safe_globals(SAFE_TYPES):
            return torch.load(
                path,
                map_location=map_location,
                weights_only=not trust,
                mmap=mmap,
            )
    # torch.load raises whatever the parser, or the file's code, trips over.
    except Exception as error:
        refused = re.search(r'GLOBAL (\S+)', str(error))
        if isinstance(error, pickle.UnpicklingError) and refused:
            raise InputError(
                f"'{path}' holds other Python objects than tensors, first "
                f'{refused[1]}, and to read them can run any code. If you '
                'trust its author, save the weights alone, with the key that '
                "this project has for them ('state_dict', 'model', 'teacher', "
                '...): python -c "import torch; torch.save(torch.load('
                f"'{path}', map_location='cpu', weights_only=False)"
                "['state_dict'], 'weights.pth')\". Or add "
                '--trust-checkpoint.'
            ) from error
        reason = f': {type(error).__name__}: {error}' if trust else ''
        raise InputError(
            f"'{path}' cannot be read as a checkpoint; it is cut off or no "
            f'PyTorch file{reason}. Copy or download it again.'
        ) from error


def register_reader(trust: bool = False) -> None:
    """Let mmengine read checkpoints through :func:`read_checkpoint`.

    It holds for `load_from`, `resume` and `init_cfg` of all models. A URL is
    downloaded, as torch.hub does it, and then read as any other file.
    """

    def load_from_file(filename, map_location=None):
        checkpoint = read_checkpoint(filename, trust, map_location or 'cpu')
        meta = isinstance(checkpoint, Mapping) and checkpoint.get('meta')
        if isinstance(meta, dict) and not trust:
            # Runner.resume would execute it as a config file.
            meta.pop('config', None)
        return checkpoint

    def load_from_http(filename, map_location=None):
        return load_from_file(download(filename), map_location)

    def load_from_zoo(filename, map_location=None):
        return load_from_http(zoo_url(filename), map_location)

    def load_from_nowhere(filename, map_location=None):
        raise InputError(
            f"the checkpoint '{filename}' lies where mmsca does not read. "
            'Download it and give its path.'
        )

    for loader, prefixes in {
        load_from_file: [''],
        load_from_http: ['http://', 'https://'],
        load_from_zoo: [f'{scheme}://' for scheme in ZOOS],
        load_from_nowhere: ELSEWHERE,
    }.items():
        CheckpointLoader.register_scheme(prefixes, loader, force=True)


# What mmengine would unpickle from other places.
ELSEWHERE = ['mmcls://', 'pavi://', r'(\S+\:)?s3://', r'(\S+\:)?petrel://']
ZOOS = {
    'torchvision': get_torchvision_models,
    'modelzoo': get_torchvision_models,
    'open-mmlab': get_external_models,
    'openmmlab': get_external_models,
}


def zoo_url(name: str) -> str:
    """The URL of a model such as 'torchvision://resnet50'."""
    scheme, _, model = name.partition('://')
    urls = ZOOS[scheme]()
    model = get_deprecated_model_names().get(model, model)
    if model not in urls:
        near = difflib.get_close_matches(model, urls) or sorted(urls)[:3]
        raise InputError(
            f"'{name}' is no model of {scheme}. Near it are {', '.join(near)}."
        )
    return urls[model]


def download(url: str) -> Path:
    """The file of a URL, fetched unless torch.hub has it already."""
    path = Path(
        torch.hub.get_dir(), 'checkpoints', Path(urlparse(url).path).name
    )
    rank, world_size = get_dist_info()
    try:
        # One rank of a host downloads; the others find the file.
        if rank == 0:
            fetch(url, path)
        if world_size > 1:
            dist.barrier()
        fetch(url, path)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"the checkpoint '{url}' cannot be downloaded: {error}. "
            'Download it by hand and give its path.'
        ) from error
    return path


def fetch(url: str, path: Path) -> None:
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    hashed = torch.hub.HASH_REGEX.search(path.name)
    torch.hub.download_url_to_file(url, str(path), hashed and hashed[1])


register_reader()

"""From the command line to the config of a run."""

import argparse
import os
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from mmengine.config import Config, ConfigDict
from mmengine.device import is_cuda_available

from mmsca.apis.field_ranges import check_flags, check_ranges
from mmsca.apis.option_fields import check_names, merge_options
from mmsca.utils.config_fields import read_fields
from mmsca.utils.config_file import read_config
from mmsca.utils.config_names import find_config
from mmsca.utils.errors import InputError
from mmsca.utils.machine import usable_cores
from mmsca.utils.options import Options

SCOPES = ('mmpretrain', 'mmdet')
# Of tools that start no run, and do not ask for these.
DEFAULTS = dict(
    cfg_options=None,
    launcher='none',
    local_rank=0,
    no_pin_memory=True,
    work_dir=None,
)
DATALOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments that training and testing share."""
    parser.add_argument('--work-dir', help='folder of logs and results')
    parser.add_argument(
        '--amp', action='store_true', help='automatic mixed precision'
    )
    parser.add_argument(
        '--no-pin-memory',
        action='store_true',
        help='turn pin_memory off in all dataloaders',
    )
    add_options_argument(parser)
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='how the processes of a distributed run were started',
    )
    add_trust_argument(parser)
    # torch.distributed.launch passes it; torchrun sets the variable.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def add_options_argument(parser: argparse.ArgumentParser) -> None:
    """Argument of all tools that read a config."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        metavar='KEY=VALUE',
        help='override fields of the config, e.g. '
        'train_dataloader.batch_size=16 or key="[a,b]"',
    )


def add_trust_argument(parser: argparse.ArgumentParser) -> None:
    """Argument of the tools that read a checkpoint."""
    parser.add_argument(
        '--trust-checkpoint',
        action='store_true',
        help='read checkpoints that hold other Python objects than tensors, '
        'which lets them run any code; only for files of people you trust',
    )


def load_config(args: Namespace) -> Config:
    """Read a config and merge the shared arguments into it.

    Args:
        args (Namespace): `config`, a file or a name, which becomes the
            path of its file; and those of :func:`add_run_arguments`, which
            have `DEFAULTS`.

    Returns:
        Config: Ready for a Runner, with `work_dir` set.

    Raises:
        InputError: If the file cannot be read, its default scope is not one
            that a run can have, an option reaches no field, or a field has a
            value that it cannot have.
    """
    given = Namespace(**DEFAULTS | vars(args))
    os.environ.setdefault('LOCAL_RANK', str(given.local_rank))

    args.config = str(find_config(args.config))
    cfg = read_config(args.config)
    check_names(cfg, args.config)
    follow_cores(cfg)
    merge_options(cfg, given.cfg_options or {})
    check_scope(cfg, args.config)
    check_ranges(cfg)
    check_flags(cfg)
    drop_inherited_scope(cfg._cfg_dict)
    # Memory is pinned for GPUs.
    pin_memory = is_cuda_available() and not given.no_pin_memory
    set_dataloader_defaults(cfg, pin_memory)

    cfg.launcher = given.launcher
    cfg.work_dir = (
        given.work_dir
        or cfg.get('work_dir')
        or str(Path('work_dirs', Path(args.config).stem))
    )
    return cfg


def check_scope(cfg: Config, source: str) -> None:
    """The default scope decides which package resolves bare type names."""
    scope = cfg.get('default_scope')
    if scope not in SCOPES:
        raise InputError(
            f"The config '{source}' has default_scope={scope!r}. Expected "
            "'mmpretrain' (pretraining, classification, localization) or "
            "'mmdet' (detection); types of this package are written "
            "'mmsca.X' in both. Inherit configs/_base_/default_runtime.py "
            "or an 'mmdet::' config."
        )
    model_type = str(cfg.get('model', {}).get('type'))
    package = model_type.partition('.')[0]
    if package in SCOPES and package != scope:
        raise InputError(
            f"The config '{source}' builds {model_type} with "
            f"default_scope='{scope}', so its parts would be looked up in "
            f"the wrong package. Set default_scope='{package}'."
        )


def drop_inherited_scope(node) -> None:
    """Remove the `_scope_` marks that `_base_ = 'mmsca::...'` leaves.

    mmengine marks what comes from another package's config with that
    package's scope. Ours is no default scope, and all its types carry their
    prefix, so the mark would only hide mmpretrain's bare names. On a
    `collate_fn` the mark of any package is passed on as an argument, which
    the function does not know.
    """
    if isinstance(node, dict):
        if node.get('_scope_') == 'mmsca':
            del node['_scope_']
        if isinstance(node.get('collate_fn'), dict):
            node['collate_fn'].pop('_scope_', None)
        for value in node.values():
            drop_inherited_scope(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            drop_inherited_scope(value)


def follow_cores(cfg: Config) -> None:
    """Limit the processes that load images to the cores of a rank.

    Without :class:`mmsca.KeyedSampler`, as in mmdet, what a training draws
    depends on their number: such a loader keeps its own.
    """
    ranks = int(os.environ.get('LOCAL_WORLD_SIZE', 1))
    most = max(usable_cores() // ranks, 1)
    for path, node in read_fields(cfg):
        if path == 'train_dataloader':
            sampler = (node or {}).get('sampler') or {}
            if sampler.get('type') != 'mmsca.KeyedSampler':
                continue
        if isinstance(node, Mapping):
            workers = node.get('num_workers')
            if isinstance(workers, int) and workers > most:
                node['num_workers'] = most


def set_dataloader_defaults(cfg: Config, pin_memory: bool) -> None:
    """Fill what mmpretrain's own tools fill, and nothing a config sets."""
    for name in DATALOADERS:
        loader = cfg.get(name)
        if loader is None:
            continue
        if cfg.default_scope == 'mmpretrain':
            loader.setdefault('pin_memory', True)
            loader.setdefault('persistent_workers', True)
            loader.setdefault('collate_fn', ConfigDict(type='default_collate'))
        if not pin_memory:
            loader.pin_memory = False
        if loader.get('num_workers', 0) == 0:
            loader.persistent_workers = False

"""Several ranks on a machine without GPUs."""

import os
import subprocess

import torch
import torch.distributed as dist
from mmengine.config import Config


def join_cpu_ranks(cfg: Config) -> None:
    """Let `--launcher pytorch` and `slurm` work on CPUs, over gloo.

    mmengine's own start-up picks a GPU per rank and wraps the model with
    `device_ids`. It leaves a process group alone that is there already.
    """
    if cfg.launcher not in ('pytorch', 'slurm') or torch.cuda.is_available():
        return
    if not dist.is_initialized():
        if cfg.launcher == 'slurm':
            name_slurm_ranks()
        dist.init_process_group('gloo')
    cfg.setdefault(
        'model_wrapper_cfg',
        dict(
            type='MMDistributedDataParallel',
            device_ids=None,
            broadcast_buffers=False,
            find_unused_parameters=cfg.get('find_unused_parameters', False),
        ),
    )


def name_slurm_ranks() -> None:
    """Set what torch reads from what srun says, as mmengine does on GPUs."""
    environ = os.environ
    environ['RANK'] = environ['SLURM_PROCID']
    environ['LOCAL_RANK'] = environ['SLURM_LOCALID']
    environ['WORLD_SIZE'] = environ['SLURM_NTASKS']
    environ.setdefault('MASTER_PORT', '29500')
    if 'MASTER_ADDR' not in environ:
        command = ['scontrol', 'show', 'hostnames', environ['SLURM_NODELIST']]
        hosts = subprocess.run(command, capture_output=True, text=True)
        environ['MASTER_ADDR'] = hosts.stdout.split()[0]

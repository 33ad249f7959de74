"""Several ranks on a machine without GPUs."""

import torch
import torch.distributed as dist
from mmengine.config import Config


def join_cpu_ranks(cfg: Config) -> None:
    """Let `--launcher pytorch` work on CPUs, over gloo.

    mmengine's own start-up picks a GPU per rank and wraps the model with
    `device_ids`. It leaves a process group alone that is there already.

    Args:
        cfg (Config): Of the run; unchanged where a GPU is present.
    """
    if cfg.launcher != 'pytorch' or torch.cuda.is_available():
        return
    if not dist.is_initialized():
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

"""Runs a function on several CPU ranks that talk over gloo."""

import os
import tempfile
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

# The ranks are on this machine: no look-up of its name, which can be slow.
os.environ.setdefault('GLOO_SOCKET_IFNAME', 'lo')


def _rank_main(rank, world_size, folder, function, args, kwargs):
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/rendezvous',
        rank=rank,
        world_size=world_size,
    )
    result = function(rank, world_size, *args, **kwargs)
    torch.save(result, Path(folder, f'{rank}.pt'))
    dist.barrier()
    # The destructor of a gloo group of torch 2.6 at times waits for itself.
    os._exit(0)


def run_ranks(function, world_size, *args, **kwargs):
    """Results of `function(rank, world_size, *args)`, in order of rank."""
    with tempfile.TemporaryDirectory() as folder:
        # Forked ranks need not import everything again.
        mp.start_processes(
            _rank_main,
            (world_size, folder, function, args, kwargs),
            world_size,
            start_method='fork',
        )
        return [
            torch.load(Path(folder, f'{rank}.pt'))
            for rank in range(world_size)
        ]

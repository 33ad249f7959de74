"""Runs a function on several ranks of this machine."""

import os
import tempfile
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

# The ranks are on this machine: no look-up of its name, which can be slow.
os.environ.setdefault('GLOO_SOCKET_IFNAME', 'lo')


def _rank_main(rank, world_size, folder, backend, function, args, kwargs):
    torch.set_num_threads(1)
    dist.init_process_group(
        backend,
        init_method=f'file://{folder}/rendezvous',
        rank=rank,
        world_size=world_size,
    )
    result = function(rank, world_size, *args, **kwargs)
    torch.save(result, Path(folder, f'{rank}.pt'))
    dist.barrier()
    # The destructor of a gloo group of torch 2.6 at times waits for itself.
    os._exit(0)


def run_ranks(
    function, world_size, *args, backend='gloo', start_method='fork', **kwargs
):
    """Results of `function(rank, world_size, *args)`, in order of rank.

    Forked ranks need not import everything again, but can't use a GPU that
    this process has used: those are to be spawned.
    """
    with tempfile.TemporaryDirectory() as folder:
        mp.start_processes(
            _rank_main,
            (world_size, folder, backend, function, args, kwargs),
            world_size,
            start_method=start_method,
        )
        return [
            torch.load(Path(folder, f'{rank}.pt'))
            for rank in range(world_size)
        ]

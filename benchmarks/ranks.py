"""Processes with one thread that talk over gloo, a rank each."""

import multiprocessing
import tempfile
from collections.abc import Callable

import torch.distributed as dist


def run_ranks(function: Callable, world_size: int, *args) -> list:
    """Results of `function(rank, *args)`, in order of rank.

    A single rank has no process group.

    Args:
        function (Callable): Of the top level of a module.
        world_size (int): Number of ranks.
        *args: More of its arguments.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        # Forks need not import all again. Ranks compute on the CPU alone.
        multiprocessing.get_context('fork').Pool(world_size) as pool,
    ):
        tasks = [
            (function, rank, world_size, folder, args)
            for rank in range(world_size)
        ]
        # Each waits for the others, so each gets a process of its own.
        return pool.starmap(_run_rank, tasks, chunksize=1)


def _run_rank(
    function: Callable, rank: int, world_size: int, folder: str, args: tuple
):
    if world_size == 1:
        return function(rank, *args)
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/rendezvous',
        rank=rank,
        world_size=world_size,
    )
    result = function(rank, *args)
    dist.destroy_process_group()
    return result

"""Groups of consecutive ranks, such as those of one machine."""

from functools import cache

import torch.distributed as dist

from mmsca.utils.errors import InputError


def ranks_of_group(group_size: int, field: str) -> dist.ProcessGroup:
    """The process group of this rank, made by all ranks together, once.

    Args:
        group_size (int): Ranks in a group; with fewer ranks in all, these
            are the group.
        field (str): What configs call it.

    Raises:
        InputError: If `group_size` does not divide the number of ranks.
    """
    world_size = dist.get_world_size()
    group_size = min(group_size, world_size)
    if world_size % group_size:
        raise InputError(
            f'{field} is {group_size}, which does not divide the '
            f'{world_size} ranks of this run. Set it to a divisor of them.'
        )
    if group_size == world_size:
        return dist.group.WORLD
    return _subgroup(group_size)


@cache
def _subgroup(group_size: int) -> dist.ProcessGroup:
    return dist.new_subgroups(group_size)[0]

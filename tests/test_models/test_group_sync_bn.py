import copy

import pytest
import torch
import torch.distributed as dist
from mmcv.cnn import build_norm_layer
from ranks import run_ranks
from torch import nn

from mmsca.models.group_sync_bn import GroupSyncBN
from mmsca.utils.errors import InputError
from mmsca.utils.rank_groups import ranks_of_group


def images(rank=0):
    generator = torch.Generator().manual_seed(rank)
    return torch.randn(6, 4, 3, 3, generator=generator)


def assert_is_bn(layer, x):
    bn = nn.BatchNorm2d(4)
    bn.load_state_dict(layer.state_dict())
    for training in (True, False):
        outputs = layer.train(training)(x), bn.train(training)(x)
        torch.testing.assert_close(*outputs, rtol=0, atol=0)
    torch.testing.assert_close(
        layer.state_dict(), bn.state_dict(), rtol=0, atol=0
    )


def test_single_process_is_bn():
    name, layer = build_norm_layer(dict(type='mmsca.GroupSyncBN'), 4, 1)
    assert name == 'bn1' and layer.group_size == 8
    assert_is_bn(layer, images())
    copy.deepcopy(layer)


def cpu_rank(rank, world_size):
    assert_is_bn(GroupSyncBN(4), images(rank))


def test_cpu_ranks_are_bn():
    run_ranks(cpu_rank, 2)


def group_of_rank(rank, world_size, group_size):
    try:
        group = ranks_of_group(group_size, 'norm_cfg.group_size')
    except InputError as error:
        return str(error)
    total = torch.tensor([rank])
    dist.all_reduce(total, group=group)
    return dist.get_process_group_ranks(group), total.item()


@pytest.mark.parametrize(
    'world_size, group_size, expected',
    [
        (4, 2, [([0, 1], 1), ([0, 1], 1), ([2, 3], 5), ([2, 3], 5)]),
        (2, 8, [([0, 1], 1)] * 2),
    ],
)
def test_groups_are_of_consecutive_ranks(world_size, group_size, expected):
    assert run_ranks(group_of_rank, world_size, group_size) == expected


def test_group_must_divide_the_ranks():
    for message in run_ranks(group_of_rank, 3, 2):
        assert 'group_size is 2, which does not divide the 3 ranks' in message

"""Ranks on one GPU: one over NCCL, two or four over gloo."""

import pytest
import torch
from ranks import run_ranks
from torch import nn

from mmsca.models.group_sync_bn import GroupSyncBN
from mmsca.models.swav.queue import EmbeddingQueue
from mmsca.models.swav.sinkhorn import sinkhorn

pytestmark = pytest.mark.gpu
ON_GPU = dict(start_method='spawn')


def random_scores():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(24, 10, generator=generator).cuda() / 10


def codes_and_queue(rank, world_size):
    """Codes of this rank's rows, and the rows of a queue that got them."""
    scores = random_scores()[rank::world_size]
    queue = EmbeddingQueue(1, 24, 10).cuda()
    queue.push(scores[None])
    return sinkhorn(scores).cpu(), queue.rows.cpu()


@pytest.mark.parametrize('world_size, backend', [(1, 'nccl'), (2, 'gloo')])
def test_codes_and_queue_are_those_of_one_process(world_size, backend):
    scores = random_scores()
    expected = sinkhorn(scores).cpu()
    results = run_ranks(codes_and_queue, world_size, backend=backend, **ON_GPU)
    for rank, (codes, rows) in enumerate(results):
        torch.testing.assert_close(codes, expected[rank::world_size])
        assert torch.equal(rows[0], scores.cpu())


def images(rank):
    generator = torch.Generator().manual_seed(rank)
    return torch.randn(6, 4, 3, 3, generator=generator).cuda()


def normalized(rank, world_size):
    """What a group of two makes of this rank's images, and the gradient."""
    layer = GroupSyncBN(4, group_size=2).cuda()
    x = images(rank).requires_grad_()
    y = layer(x)
    (y * images(rank + 10)).sum().backward()
    return y.detach().cpu(), x.grad.cpu()


def test_groups_normalize_together():
    results = run_ranks(normalized, 4, backend='gloo', **ON_GPU)
    for first in (0, 2):
        mates = first, first + 1
        x = torch.cat([images(rank) for rank in mates]).requires_grad_()
        y = nn.BatchNorm2d(4).cuda()(x)
        weight = torch.cat([images(rank + 10) for rank in mates])
        (y * weight).sum().backward()
        expected = zip(y.cpu().chunk(2), x.grad.cpu().chunk(2), strict=True)
        for rank, pair in zip(mates, expected, strict=True):
            torch.testing.assert_close(
                results[rank], pair, rtol=1e-4, atol=1e-5
            )

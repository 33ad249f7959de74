import pytest
import torch
from ranks import run_ranks

from mmsca.models import sinkhorn


def reference(scores, epsilon, iterations):
    """Log-domain Sinkhorn in float64, prototypes first, images last."""
    log_q = scores.double() / epsilon
    for _ in range(iterations):
        log_q = log_q - log_q.logsumexp(0, keepdim=True)
        log_q = log_q - log_q.logsumexp(1, keepdim=True)
    return log_q.exp()


def random_scores(n, k, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, k, generator=generator) * 2 - 1


@pytest.mark.parametrize('n, k', [(64, 8), (8, 64), (1, 5), (32, 32)])
@pytest.mark.parametrize('epsilon', [0.05, 0.5])
def test_equals_log_domain(n, k, epsilon):
    scores = random_scores(n, k)
    expected = reference(scores, epsilon, 3)
    torch.testing.assert_close(
        sinkhorn(scores, epsilon, 3).double(), expected, rtol=1e-4, atol=1e-6
    )


def test_marginals():
    codes = sinkhorn(random_scores(96, 12), epsilon=0.1, iterations=100)
    torch.testing.assert_close(codes.sum(1), torch.ones(96))
    torch.testing.assert_close(codes.sum(0), torch.full((12,), 96 / 12))


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
@pytest.mark.parametrize(
    'scores',
    [
        torch.eye(6, 200) * 100,  # far beyond the range of exp
        torch.zeros(4, 3),  # identical rows
        torch.full((1, 10), -1e4),
    ],
    ids=['extreme', 'constant', 'one image'],
)
def test_finite_at_the_edge(scores, dtype):
    codes = sinkhorn(scores.to(dtype), epsilon=0.01, iterations=3)
    assert codes.dtype == torch.float32
    assert codes.isfinite().all()
    torch.testing.assert_close(codes.sum(1), torch.ones(len(scores)))


def test_leaves_scores_alone_and_rejects_other_shapes():
    scores = random_scores(8, 4)
    before = scores.clone()
    sinkhorn(scores, 0.05, 3)
    assert torch.equal(scores, before)
    with pytest.raises(ValueError, match=r'\(N, K\)'):
        sinkhorn(scores[0])


def codes_of_rank(rank, world_size):
    # Ranks differ in scale, so that local sums would give other codes.
    scores = random_scores(24, 40) * torch.linspace(0.1, 1, 24)[:, None]
    return sinkhorn(scores.chunk(world_size)[rank], 0.05, 3)


@pytest.mark.parametrize('world_size', [2, 3])
def test_ranks_equal_one_process(world_size):
    expected = codes_of_rank(0, 1)
    codes = torch.cat(run_ranks(codes_of_rank, world_size))
    torch.testing.assert_close(codes, expected, rtol=1e-5, atol=1e-7)

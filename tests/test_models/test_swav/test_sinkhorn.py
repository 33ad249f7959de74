import numpy as np
import pytest
import torch
from ranks import run_ranks
from scipy.optimize import minimize
from scipy.special import logsumexp

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


def test_equals_optimal_transport():
    """The plan of entropic transport, from its dual by a general solver."""
    scores, epsilon = random_scores(15, 4).double(), 0.2
    n, k = scores.shape

    def negative_dual(potential):  # of the prototypes, images eliminated
        logits = (scores.numpy() + potential) / epsilon
        best = logsumexp(logits, axis=1, keepdims=True)
        plan = np.exp(logits - best)
        value = epsilon * best.mean() - potential.mean()
        return value, plan.mean(0) - 1 / k

    result = minimize(
        negative_dual, np.zeros(k), jac=True, method='L-BFGS-B', tol=1e-14
    )
    logits = (scores + torch.from_numpy(result.x)) / epsilon
    codes = sinkhorn(scores, epsilon, iterations=200)
    assert codes.dtype == torch.float64
    torch.testing.assert_close(codes, logits.softmax(1), rtol=0, atol=1e-5)


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


def test_rows_far_below_the_maximum_keep_their_order():
    scores = torch.tensor([[1.0, 0.9], [-1.0, -0.9]])
    codes = sinkhorn(scores, epsilon=0.005, iterations=3)
    assert codes.argmax(1).tolist() == [0, 1]


def test_hard_codes():
    scores = random_scores(20, 6)
    hard = sinkhorn(scores, 0.05, hard=True)
    assert torch.equal(hard.argmax(1), sinkhorn(scores, 0.05).argmax(1))
    assert torch.equal(hard.sum(1), torch.ones(20))
    assert ((hard == 0) | (hard == 1)).all()


@pytest.mark.parametrize('kwargs', [dict(epsilon=0), dict(iterations=0)])
def test_rejects(kwargs):
    with pytest.raises(ValueError, match='epsilon > 0 and iterations >= 1'):
        sinkhorn(torch.rand(4, 2), **kwargs)


def codes_of_rank(rank, world_size):
    """Of uneven shares: no rank may wait for another in vain."""
    sizes = [24] if world_size == 1 else [0, 9, 15]
    # Ranks differ in scale, so that local sums would give other codes.
    scores = random_scores(24, 40) * torch.linspace(0.1, 1, 24)[:, None]
    return sinkhorn(scores.double().split(sizes)[rank], 0.05, 3)


def test_ranks_equal_one_process():
    expected = codes_of_rank(0, 1)
    codes = torch.cat(run_ranks(codes_of_rank, 3))
    torch.testing.assert_close(codes, expected, rtol=0, atol=1e-10)

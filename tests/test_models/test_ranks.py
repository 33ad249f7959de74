"""Training on several ranks is training on one: codes, loss and weights."""

from functools import cache

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope
from ranks import run_ranks
from tiny_swav import tiny_swav
from torch.nn.parallel import DistributedDataParallel

BATCH_SIZE = 12
STEPS = 5
# Not a multiple of the batch, nor of four ranks.
QUEUE_LENGTH = 30
# All but the two views of an image itself.
ALL_PARTNERS = 2 * (BATCH_SIZE - 1)


def build(queue, sca, dtype, num_partners):
    # Statistics of the batch need SyncBN, which CPUs do not have.
    cfg = tiny_swav(
        norm_eval=True,
        num_prototypes=[10, 7],
        queue_length=QUEUE_LENGTH if queue else 0,
        queue_start=1,
        queue_start_by_epoch=False,
    )
    if sca:
        cfg.update(
            type='mmsca.SwAVSCA',
            sca=dict(
                type='mmsca.SpatialCrossAttention',
                num_partners=num_partners,
                embed_dims=16,
                num_negatives=3,
            ),
            warmup=0.2,
        )
        if num_partners < ALL_PARTNERS:
            # Full after two of four guided steps; no multiple of the batch.
            cfg['memory'] = dict(length=40, map_size=(4, 4))
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    model = MODELS.build(cfg).to(dtype).train()
    model.neck.eval()
    return model


class LossModule(torch.nn.Module):
    """What DDP wraps: its forward is the loss."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, views):
        return self.model.loss(views)


def train(rank, world_size, queue, sca, dtype=torch.float64, num_partners=3):
    """Five steps on this rank's share: losses, weights and buffers."""
    hub = MessageHub.get_instance('ranks')
    model = build(queue, sca, dtype, num_partners)
    module = LossModule(model)
    if world_size > 1:
        module = DistributedDataParallel(module, broadcast_buffers=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    losses, gradients = [], []
    for step in range(STEPS):
        hub.update_info_dict(dict(epoch=0, iter=step, max_iters=STEPS))
        generator = torch.Generator().manual_seed(step)
        views = [
            torch.randn(BATCH_SIZE, 3, s, s, generator=generator)
            for s in (32, 32, 16)
        ]
        # As the sampler deals them out.
        views = [view[rank::world_size].to(dtype) for view in views]
        optimizer.zero_grad()
        loss = module(views)['loss']
        loss.backward()
        losses.append(loss.detach())
        gradients.append(model.backbone.conv1.weight.grad.clone())
        optimizer.step()
        model.head.normalize_prototypes()
    return torch.stack(losses), gradients, model.state_dict()


@cache
def train_alone(*args):
    return train(0, 1, *args)


@pytest.mark.parametrize(
    'world_size, queue, sca',
    [(2, False, False), (4, True, False), (2, True, True), (4, True, True)],
)
def test_ranks_equal_one_process(world_size, queue, sca):
    losses, gradients, state = train_alone(queue, sca)
    ranks = run_ranks(train, world_size, queue, sca)

    mean_losses = sum(rank[0] for rank in ranks) / world_size
    close = dict(rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(mean_losses, losses, **close)
    if queue:
        assert state['head.queue.filled'] == QUEUE_LENGTH
    for _, rank_gradients, rank_state in ranks:
        torch.testing.assert_close(rank_gradients, gradients, **close)
        torch.testing.assert_close(rank_state, state, **close)


def flat(losses, gradients, state):
    """Losses, gradients and weights of a run, an fp64 vector each."""
    weights = [v for v in state.values() if v.is_floating_point()]
    return [
        torch.cat([v.double().flatten() for v in values])
        for values in (losses.unbind(), gradients, weights)
    ]


def test_ranks_round_as_one_process_does():
    """CPUs round fp32 each in their own way: one process is the measure.

    Every candidate is a partner, since which are the best ones may hang on
    the last bit.
    """
    args = True, True, torch.float32, ALL_PARTNERS
    exact = flat(*train(0, 1, True, True, torch.float64, ALL_PARTNERS))
    alone = flat(*train(0, 1, *args))
    ranks = run_ranks(train, 2, *args)
    losses = sum(losses.double() for losses, _, _ in ranks) / 2
    for _, gradients, state in ranks:
        together = flat(losses, gradients, state)
        for value, one, truth in zip(together, alone, exact, strict=True):
            error, measure = (value - truth).norm(), (one - truth).norm()
            assert error <= 4 * measure

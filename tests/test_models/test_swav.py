import copy

import pytest
import torch
import torch.nn.functional as F
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope
from ranks import run_ranks

from mmsca.models import sinkhorn

SWAV = dict(
    type='mmsca.SwAV',
    backbone=dict(
        type='mmpretrain.ResNet',
        depth=18,
        stem_channels=8,
        base_channels=8,
        strides=(1, 2, 1, 1),
        norm_cfg=dict(type='BN'),
    ),
    neck=dict(
        type='mmpretrain.SwAVNeck',
        in_channels=64,
        hid_channels=16,
        out_channels=12,
        norm_cfg=dict(type='BN1d'),
    ),
    head=dict(type='mmsca.SwAVHead', in_channels=12, num_prototypes=10),
)
SCA = dict(
    SWAV, type='mmsca.SwAVSCA', sca=dict(type='mmsca.SpatialCrossAttention')
)


def build(cfg):
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    return MODELS.build(copy.deepcopy(cfg)).train()


def random_views(batch_size=6, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.rand(batch_size, 3, size, size, generator=generator)
        for size in (32, 32, 16, 16, 16)
    ]


@pytest.fixture
def progress(request):
    """A running training, as RuntimeInfoHook reports it."""
    hub = MessageHub.get_instance(request.node.name)
    hub.update_info_dict(dict(epoch=1, iter=50, max_iters=100))
    return hub


def test_loss_equals_naive_loops():
    model = build(SWAV)
    views = random_views()
    expected_model = copy.deepcopy(model)
    loss = model.loss(views)['loss']

    backbone, neck = expected_model.backbone, expected_model.neck
    maps = [backbone(torch.cat(views[:2]))[-1]]
    maps += [backbone(torch.cat(views[2:]))[-1]]
    z = neck.forward_projection(torch.cat([m.mean((2, 3)) for m in maps]))
    scores = (z @ expected_model.head.prototypes.weight.T).chunk(5)
    expected = 0
    for a in range(2):
        q = sinkhorn(scores[a].detach(), 0.05, 3)
        for v in set(range(5)) - {a}:
            expected += -(q * F.log_softmax(scores[v] / 0.1, 1)).sum(1).mean()
    torch.testing.assert_close(loss, expected / (2 * 4))


def test_weight_zero_is_swav_to_the_bit(progress):
    swav, sca = build(SWAV), build(dict(SCA, weight=0.0, warmup=0.0))
    sca.load_state_dict(swav.state_dict(), strict=True)
    optimizers = [
        torch.optim.SGD(m.parameters(), 0.1, momentum=0.9) for m in (swav, sca)
    ]
    for seed in range(3):
        for model, optimizer in zip((swav, sca), optimizers, strict=True):
            optimizer.zero_grad()
            model.loss(random_views(seed=seed))['loss'].backward()
            optimizer.step()
    for key, value in swav.state_dict().items():
        assert torch.equal(value, sca.state_dict()[key]), key


def test_sca_mixes_two_terms_and_adds_nothing_to_the_backbone(progress):
    model = build(dict(SCA, weight=0.3))
    log = model.loss(random_views())
    torch.testing.assert_close(
        log['loss'].detach(), 0.7 * log['plain'] + 0.3 * log['guided']
    )
    assert log['guided'] != log['plain']
    assert 0 < log['mask_entropy'] < 1
    log['loss'].backward()
    assert all(p.grad is not None for p in model.parameters())
    assert build(SWAV).state_dict().keys() == model.state_dict().keys()


def test_warm_up_is_plain(progress):
    model = build(dict(SCA, warmup=0.6))
    assert set(model.loss(random_views())) == {'loss'}
    progress.update_info('iter', 60)
    assert 'guided' in model.loss(random_views())


@pytest.mark.parametrize('field', ['weight', 'warmup'])
def test_rejects_fractions_out_of_range(field):
    with pytest.raises(ValueError, match=f'{field} in'):
        build(dict(SCA, **{field: 1.5}))


def queue_config(length=12, start=1):
    head = dict(SWAV['head'], queue_length=length, queue_start_epoch=start)
    return dict(SWAV, head=head)


def test_queue_fills_then_joins_the_codes(progress):
    model = build(queue_config())
    plain = build(SWAV)
    plain.load_state_dict(model.state_dict(), strict=False)
    for step, differs in enumerate([False, False, True]):
        views = random_views(seed=step)
        loss = model.loss(views)['loss']
        assert (loss != plain.loss(views)['loss']) == differs, step
    assert model.head.queue.filled == 12
    assert model.state_dict()['head.queue.rows'].shape == (2, 12, 12)


def test_queue_waits_for_its_epoch(progress):
    model = build(queue_config(start=2))
    model.loss(random_views())
    assert model.head.queue.filled == 0


def test_queue_shorter_than_the_batch_is_an_error(progress):
    with pytest.raises(ValueError, match='queue_length=4 is shorter'):
        build(queue_config(length=4)).loss(random_views())


def loss_and_codes(rank, world_size):
    hub = MessageHub.get_instance('ranks')
    hub.update_info_dict(dict(epoch=1, iter=1, max_iters=2))
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    head = MODELS.build(queue_config()['head'])
    for step in range(3):
        generator = torch.Generator().manual_seed(step)
        z = torch.randn(5, 6, 12, generator=generator)
        z = F.normalize(z, dim=2).chunk(world_size, dim=1)[rank].flatten(0, 1)
        loss, codes = head.loss(z, 5, head.queue)
    return loss, codes, head.queue.rows


def test_two_ranks_equal_one_process_with_queue():
    loss, codes, rows = loss_and_codes(0, 1)
    ranks = run_ranks(loss_and_codes, 2)
    torch.testing.assert_close((ranks[0][0] + ranks[1][0]) / 2, loss)
    torch.testing.assert_close(
        torch.cat([ranks[0][1], ranks[1][1]], dim=1), codes
    )
    assert torch.equal(ranks[0][2], ranks[1][2])
    torch.testing.assert_close(ranks[0][2], rows)

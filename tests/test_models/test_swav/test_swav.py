import copy

import pytest
import torch
import torch.nn.functional as F
from mmengine.logging import MessageHub
from mmengine.optim import OptimWrapper
from mmengine.registry import MODELS, init_default_scope
from tiny_swav import tiny_swav

from mmsca.models import sinkhorn
from mmsca.models.sca.swav_sca import guided_pooling, same_cluster
from mmsca.utils.errors import InputError

SWAV = tiny_swav()
SCA = dict(
    SWAV,
    type='mmsca.SwAVSCA',
    sca=dict(type='mmsca.SpatialCrossAttention', embed_dims=16),
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
    scores = (z @ expected_model.head.prototypes[0].weight.T).chunk(5)
    expected = 0
    for a in range(2):
        q = sinkhorn(scores[a].detach(), 0.05, 3)
        for v in set(range(5)) - {a}:
            expected += -(q * F.log_softmax(scores[v] / 0.1, 1)).sum(1).mean()
    torch.testing.assert_close(loss, expected / (2 * 4))


def test_a_neck_may_leave_features_alone():
    head = {k: v for k, v in SWAV['head'].items() if k != 'in_channels'}
    neck = dict(SWAV['neck'], out_channels=0)
    model = build(dict(SWAV, neck=neck, head=head))
    assert model.head.prototypes[0].weight.shape == (10, 64)
    assert model.loss(random_views())['loss'].isfinite()


def test_weight_zero_is_swav_to_the_bit(progress):
    swav, sca = build(SWAV), build(dict(SCA, weight=0.0, warmup=0.0))
    assert sca.load_state_dict(swav.state_dict(), strict=False) == (
        ['sca.projection'],
        [],
    )
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
    added = model.state_dict().keys() - build(SWAV).state_dict().keys()
    assert added == {'sca.projection'}


def test_an_even_mask_makes_both_terms_equal(progress):
    """So that a second loss alone, without a mask, changes nothing."""
    sca = dict(SCA['sca'], temperature=1e6)
    losses = build(dict(SCA, sca=sca)).loss(random_views())
    torch.testing.assert_close(losses['guided'], losses['plain'])


def test_warm_up_is_plain(progress):
    model = build(dict(SCA, warmup=0.6))
    assert set(model.loss(random_views())) == {'loss'}
    progress.update_info('iter', 60)
    assert 'guided' in model.loss(random_views())


@pytest.mark.parametrize('field', ['weight', 'warmup'])
def test_rejects_fractions_out_of_range(field):
    with pytest.raises(InputError, match=f'model.{field} must be in'):
        build(dict(SCA, **{field: 1.5}))


def test_uniform_mask_is_average_pooling():
    maps = torch.rand(3, 5, 4, 2)
    pooled = guided_pooling(maps, torch.full((3, 1, 4, 2), 1 / 8))
    torch.testing.assert_close(pooled, maps.mean(dim=(2, 3)))


def test_memory_offers_past_maps(progress):
    memory = dict(length=18, map_size=(4, 4))
    model = build(dict(SCA, warmup=0.0, memory=memory))
    seen = []
    model.sca.register_forward_hook(lambda *a: seen.append(a[1][0]))
    for seed in (1, 2, 3):
        model.loss(random_views(seed=seed))
    assert [len(c.ids) for c in seen] == [12, 24, 30]
    for before, after in zip(seen, seen[1:], strict=False):
        assert torch.equal(after.locations[12:], before.locations[:18])


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (
            dict(memory=dict(length=12, map_size=(5, 5))),
            r'map_size is \(5, 5\), .* are \(4, 4\)',
        ),
        (
            dict(head=dict(SWAV['head'], queue_length=4, queue_start=1)),
            'queue_length=4 is shorter',
        ),
        (
            dict(neck=dict(SWAV['neck'], in_channels=32)),
            'model.neck.in_channels is 32, .* has 64 channels',
        ),
        (
            dict(head=dict(SWAV['head'], in_channels=13)),
            'model.head.in_channels is 13, but .* have 12',
        ),
    ],
)
def test_settings_that_do_not_fit_name_the_field(kwargs, message, progress):
    with pytest.raises(InputError, match=message):
        build(dict(SCA, warmup=0.0, **kwargs)).loss(random_views())


def test_same_cluster_counts_first_partners_of_the_same_prototype(progress):
    # Three images twice: each finds its double.
    model = build(dict(SCA, warmup=0.0)).eval()
    images = random_views(3)[0].repeat(2, 1, 1, 1)
    _, attention, candidates = model.attend(images)
    assert attention.partners[:, 0].tolist() == [3, 4, 5, 0, 1, 2]
    assert same_cluster(attention, candidates).tolist() == [1.0] * 6


def build_with_queue(**start):
    return build(tiny_swav(queue_length=12, **start))


def test_queue_fills_then_joins_the_codes(progress):
    model = build_with_queue(queue_start=1)
    plain = build(SWAV)
    plain.load_state_dict(model.state_dict(), strict=False)
    for step, differs in enumerate([False, False, True]):
        views = random_views(seed=step)
        loss = model.loss(views)['loss']
        assert (loss != plain.loss(views)['loss']) == differs, step
    assert model.head.queue.filled == 12
    assert model.state_dict()['head.queue.rows'].shape == (2, 12, 12)
    # One that starts in the next epoch waits.
    model = build_with_queue(queue_start=2)
    model.loss(random_views())
    assert model.head.queue.filled == 0


@pytest.mark.parametrize('by_epoch, start', [(True, 3), (False, 30)])
def test_queue_starts_by_epoch_or_iteration(by_epoch, start, progress):
    """Under a loop that stays in epoch 0, too."""
    model = build_with_queue(queue_start=start, queue_start_by_epoch=by_epoch)
    for iteration, filled in [(29, 0), (30, 6)]:
        progress.update_info_dict(
            dict(epoch=0, iter=iteration, iters_per_epoch=10)
        )
        model.loss(random_views())
        assert model.head.queue.filled == filled


def head_loss(z, **kwargs):
    torch.manual_seed(0)
    head = MODELS.build(dict(SWAV['head'], type='mmsca.SwAVHead', **kwargs))
    return head, *head.loss(z, 5, None)


@pytest.fixture
def embeddings():
    generator = torch.Generator().manual_seed(3)
    z = torch.randn(5 * 6, 12, generator=generator)
    return F.normalize(z, dim=1)


def test_loss_of_several_sets_is_their_mean(embeddings):
    head, loss, codes = head_loss(embeddings, num_prototypes=[10, 7])
    assert codes.shape == (2, 6, 17)
    assert [len(layer.weight) for layer in head.prototypes] == [10, 7]
    losses = []
    for layer, code in zip(
        head.prototypes, codes.split([10, 7], dim=2), strict=True
    ):
        single, *_ = head_loss(embeddings, num_prototypes=len(layer.weight))
        single.prototypes[0].load_state_dict(layer.state_dict())
        single_loss, single_codes = single.loss(embeddings, 5, None)
        torch.testing.assert_close(code, single_codes)
        losses.append(single_loss)
    torch.testing.assert_close(loss, sum(losses) / 2)


def test_joint_codes_are_one_sinkhorn(embeddings):
    head, _, codes = head_loss(embeddings, joint_codes=True)
    scores = head.prototypes[0](embeddings[:12])
    torch.testing.assert_close(codes.flatten(0, 1), sinkhorn(scores, 0.05))
    _, _, separate = head_loss(embeddings)
    assert not torch.allclose(codes, separate)


def test_hard_codes_are_the_largest_soft_ones(embeddings):
    _, _, hard = head_loss(embeddings, hard=True)
    _, _, soft = head_loss(embeddings)
    assert hard.unique().tolist() == [0, 1]
    assert torch.equal(hard.argmax(2), soft.argmax(2))


def test_loss_is_fp32_under_autocast(embeddings):
    with torch.autocast('cpu', dtype=torch.bfloat16):
        _, loss, codes = head_loss(embeddings)
    assert loss.dtype == codes.dtype == torch.float32
    torch.testing.assert_close(
        loss, head_loss(embeddings)[1], rtol=1e-2, atol=0
    )


def test_accumulating_equal_batches_is_one_step():
    """Each batch has codes of its own; prototypes move once, at the end."""
    views = random_views()
    weights = []
    for counts in (1, 2):
        model = build(SWAV)
        wrapper = OptimWrapper(
            torch.optim.SGD(model.parameters(), lr=0.1),
            accumulative_counts=counts,
        )
        wrapper.initialize_count_status(model, 0, counts)
        for _ in range(counts):
            with wrapper.optim_context(model):
                loss = model.loss(views)['loss']
            wrapper.update_params(loss)
        weights.append(dict(model.named_parameters()))
    once, accumulated = weights
    for name, weight in once.items():
        torch.testing.assert_close(weight, accumulated[name])
        assert not torch.equal(
            weight, dict(build(SWAV).named_parameters())[name]
        )

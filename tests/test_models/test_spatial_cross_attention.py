"""SCA against a literal re-derivation, one location at a time."""

import pytest
import torch

from mmsca.models import SpatialCrossAttention
from mmsca.models import spatial_cross_attention as sca_module
from mmsca.models.spatial_cross_attention import guided_pooling
from mmsca.utils.errors import InputError

DIMS, HEADS = 4, 2
LEARNED = dict(embed_dims=DIMS, num_heads=HEADS, in_channels=6)
FORMS = {
    'best': dict(),
    'mean': dict(mask='mean'),
    'best of heads': LEARNED,
    'mean of heads': dict(mask='mean', **LEARNED),
    'gated': dict(mask='gated', **LEARNED),
    'residual': dict(residual=True),
    'own': dict(mask='own'),
    # All other images of the problem below, since they are random.
    'strangers': dict(num_strangers=4),
    'strangers, mean of heads': dict(mask='mean', num_strangers=4, **LEARNED),
}


def two_views(num_images):
    return torch.arange(num_images).repeat(2)


def unit(x):
    return x / x.norm()


def heads_of(sca, token, name):
    """The projections of one token, a list of vectors."""
    if sca.learned:
        layer = getattr(sca, name)
        token = layer.weight @ token + layer.bias
    return token.chunk(sca.num_heads)


def attention(q, keys, temperature):
    """Weights of one location over those of a partner."""
    e = torch.stack([torch.exp(q @ k / temperature) for k in keys])
    return e / e.sum()


def response(sca, own, partner):
    """Of one location to all locations of one partner."""
    per_head = []
    for h in range(sca.num_heads):
        q = unit(heads_of(sca, own, 'query')[h])
        keys = [unit(heads_of(sca, key, 'key')[h]) for key in partner]
        if sca.mask_form == 'best':
            per_head.append(max(q @ k for k in keys))
        else:
            a = attention(q, keys, sca.temperature)
            per_head.append(sum(a[i] * (q @ k) for i, k in enumerate(keys)))
    return sum(per_head) / len(per_head)


def gate(sca, own, partners):
    """Of one location, from what it attends to in all its partners."""
    pair = []
    for h in range(sca.num_heads):
        q = unit(heads_of(sca, own, 'query')[h])
        attended = torch.zeros_like(q)
        for partner in partners:
            keys = [unit(heads_of(sca, key, 'key')[h]) for key in partner]
            a = attention(q, keys, sca.temperature)
            values = [heads_of(sca, key, 'value')[h] for key in partner]
            attended += sum(a[i] * v for i, v in enumerate(values))
        pair += [q, attended / len(partners)]
    pair = torch.cat(pair)
    return torch.sigmoid(sca.gate.weight[0] @ pair + sca.gate.bias[0])


def reference(sca, maps, affinity, image_ids):
    n, c, h, w = maps.shape
    center = maps.detach().transpose(0, 1).flatten(1).mean(1)
    tokens = [
        [
            maps[i, :, y, x].detach() - center
            for y in range(h)
            for x in range(w)
        ]
        for i in range(n)
    ]

    def mean_response(own, images):
        return sum(response(sca, own, x) for x in images) / len(images)

    masks = []
    for i in range(n):
        others = [j for j in range(n) if image_ids[j] != image_ids[i]]
        others.sort(key=lambda j: -affinity[i, j])
        partners = [tokens[j] for j in others[: sca.num_partners]]
        strangers = [tokens[j] for j in others] if sca.num_strangers else []
        if sca.mask_form == 'own':
            lengths = [token.norm() for image in tokens for token in image]
            mean = sum(lengths) / len(lengths)
            own = torch.stack([token.norm() / mean for token in tokens[i]])
            e = torch.exp(own / sca.temperature)
            mask = e / e.sum()
        elif sca.mask_form == 'gated':
            mask = torch.stack([gate(sca, own, partners) for own in tokens[i]])
            mask = mask / mask.sum()
        else:
            responses = []
            for own in tokens[i]:
                responses.append(mean_response(own, partners))
                if strangers:
                    responses[-1] = responses[-1] - mean_response(
                        own, strangers
                    )
            responses = torch.stack(responses)
            e = torch.exp(responses / sca.temperature)
            mask = e / e.sum()
        if sca.residual:
            mask = (mask + 1 / (h * w)) / 2
        masks.append(mask.view(1, h, w))
    masks = torch.stack(masks)
    features = torch.zeros(n, c, dtype=maps.dtype)
    for y in range(h):
        for x in range(w):
            features = features + masks[:, :, y, x] * maps[:, :, y, x]
    return features, masks


def problem(h=3, w=2, n=6, c=6):
    generator = torch.Generator().manual_seed(0)
    maps = torch.rand(n, c, h, w, generator=generator, dtype=torch.float64)
    affinity = torch.rand(n, n, generator=generator, dtype=torch.float64)
    return maps, affinity, two_views(n // 2)


def build(**kwargs):
    torch.manual_seed(0)
    return SpatialCrossAttention(**{'num_partners': 3, **kwargs}).double()


@pytest.mark.parametrize('h, w', [(3, 3), (1, 4)])
@pytest.mark.parametrize('form', FORMS)
def test_equals_definition(form, h, w):
    sca = build(**FORMS[form])
    maps, affinity, image_ids = problem(h, w)
    maps.requires_grad_()
    inputs = [maps, *sca.parameters()]
    weight = torch.rand(len(maps), 6, dtype=torch.float64)
    results, gradients = [], []
    for features, mask in (
        sca(maps, affinity, image_ids)[:2],
        reference(sca, maps, affinity, image_ids),
    ):
        results.append((features, mask))
        loss = (features * weight).sum()
        gradients.append(torch.autograd.grad(loss, inputs))
    torch.testing.assert_close(*results)
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize('form', FORMS)
def test_gradients_of_projections(form):
    sca = build(**FORMS[form])
    maps, affinity, image_ids = problem(2, 2, n=4)
    names = [name for name, _ in sca.named_parameters()]

    def features(*parameters):
        state = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(
            sca, state, (maps, affinity, image_ids)
        ).features

    if sca.learned:
        assert torch.autograd.gradcheck(features, tuple(sca.parameters()))
    else:
        assert not features().requires_grad and not names


@pytest.mark.parametrize('form', FORMS)
def test_blocks_change_nothing(form, monkeypatch):
    sca, inputs = build(**FORMS[form]), problem()
    whole = sca(*inputs)
    monkeypatch.setattr(sca_module, 'MAX_ELEMENTS', 1)
    torch.testing.assert_close(sca(*inputs), whole)


@pytest.mark.parametrize('form', FORMS)
def test_permuted_batch_gives_the_permuted_result(form):
    sca = build(**FORMS[form])
    maps, affinity, image_ids = problem()
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    result = sca(maps, affinity, image_ids)
    permuted = sca(maps[order], affinity[order][:, order], image_ids[order])
    torch.testing.assert_close(
        permuted[:2], tuple(r[order] for r in result[:2])
    )


def test_partner_maps_may_have_another_size():
    sca = build(num_partners=1)
    maps, affinity, image_ids = problem(2, 2)
    finer = maps.repeat_interleave(3, 2).repeat_interleave(2, 3)
    # Repeated locations: the same best matches.
    result = sca(maps, affinity, image_ids, finer)
    torch.testing.assert_close(result, sca(maps, affinity, image_ids))


def test_candidates_beyond_the_batch():
    """Rows of a larger problem are the same when asked for alone."""
    sca = build(num_partners=2)
    maps, affinity, ids = problem()
    whole = sca(maps, affinity, ids)
    rows = torch.tensor([4, 1])
    some = sca(maps[rows], affinity[rows], ids, maps, rows)
    torch.testing.assert_close(some, type(whole)(*(w[rows] for w in whole)))


def test_a_single_image_is_guided_by_its_other_view():
    guidance = SpatialCrossAttention()(
        torch.rand(2, 3, 4, 4), torch.eye(2), two_views(1)
    )
    assert guidance.partners[:, 0].tolist() == [1, 0]
    assert guidance.features.isfinite().all()
    torch.testing.assert_close(guidance.mask.sum((2, 3)), torch.ones(2, 1))


def test_a_single_sample_is_finite():
    guidance = SpatialCrossAttention(mask='mean')(
        torch.rand(1, 3, 4, 4), torch.eye(1), two_views(1)[:1]
    )
    assert guidance.features.isfinite().all()


def planted(num_pairs=6, size=6, channels=32):
    """Pairs of noise maps that share one 2x2 patch, and where it is."""
    generator = torch.Generator().manual_seed(0)
    shape = (2 * num_pairs, channels, size, size)
    maps = torch.randn(shape, generator=generator)
    corners = torch.randint(0, size - 1, (len(maps), 2), generator=generator)
    for i in range(0, len(maps), 2):
        patch = torch.randn(channels, 2, 2, generator=generator)
        for j in (i, i + 1):
            y, x = corners[j]
            maps[j, :, y : y + 2, x : x + 2] = patch
    return maps, corners


@pytest.mark.parametrize(
    'partners, least, most', [('cluster', 1.0, 1.0), ('random', 0.0, 0.5)]
)
def test_mask_peaks_inside_the_planted_patch(partners, least, most):
    maps, corners = planted()
    pair = torch.arange(len(maps)) // 2
    affinity = (pair[:, None] == pair).float()
    torch.manual_seed(0)
    sca = SpatialCrossAttention(num_partners=1, partners=partners)
    guidance = sca(maps, affinity, torch.arange(len(maps)))
    peaks = guidance.mask.flatten(1).argmax(1)
    places = torch.stack([peaks // 6, peaks % 6], dim=1)
    inside = ((places >= corners) & (places <= corners + 1)).all(1)
    assert least <= inside.float().mean() <= most


@pytest.mark.parametrize('num_strangers, share', [(0, 0.5), (9, 1.0)])
def test_strangers_take_away_what_all_images_share(num_strangers, share):
    """A second patch, in every image, answers as well as that of the pair."""
    maps, corners = planted(size=8)
    common = torch.randn(32, 2, 2, generator=torch.Generator().manual_seed(1))
    # In the quarter of the map that the other patch is not in.
    places = (corners + 4) % 8
    places = places - (places == 7).long()
    for i, (y, x) in enumerate(places):
        maps[i, :, y : y + 2, x : x + 2] = common
    pair = torch.arange(len(maps)) // 2
    affinity = (pair[:, None] == pair).float()
    sca = SpatialCrossAttention(num_partners=1, num_strangers=num_strangers)
    mask = sca(maps, affinity, torch.arange(len(maps))).mask[:, 0]
    weights = torch.stack(
        [
            torch.stack([m[y : y + 2, x : x + 2].sum() for y, x in ends])
            for m, *ends in zip(mask, corners, places, strict=True)
        ]
    )  # (N, 2)
    of_pair = weights[:, 0] / weights.sum(dim=1)
    torch.testing.assert_close(of_pair.mean().item(), share, rtol=0, atol=0.05)


def test_uniform_mask_is_average_pooling():
    maps = torch.rand(3, 5, 4, 2)
    pooled = guided_pooling(maps, torch.full((3, 1, 4, 2), 1 / 8))
    torch.testing.assert_close(pooled, maps.mean(dim=(2, 3)))


@pytest.mark.parametrize(
    'form', ['best', 'mean of heads', 'gated', 'strangers']
)
def test_fp32_under_autocast(form):
    sca = SpatialCrossAttention(**FORMS[form])
    maps, affinity, image_ids = problem()
    inputs = maps.float(), affinity, image_ids
    with torch.autocast('cpu', dtype=torch.bfloat16):
        mask = sca(*inputs).mask
    assert torch.equal(mask, sca(*inputs).mask)


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(num_partners=0), 'num_partners >= 1'),
        (dict(num_strangers=-1), 'num_strangers >= 0'),
        (dict(temperature=0.0), 'temperature > 0'),
        (dict(partners='nearest'), "partners is 'nearest'.* cluster, other"),
        (dict(mask='max'), "mask is 'max'.* best, mean, gated, own"),
        (dict(mask='gated'), 'needs model.sca.embed_dims'),
        (dict(mask='gated', embed_dims=4, num_strangers=1), 'strangers from'),
        (dict(mask='own', num_strangers=1), "mask='own' has no response"),
        (dict(embed_dims=6, num_heads=4), 'embed_dims=6 must be a multiple'),
    ],
)
def test_rejects_bad_arguments(kwargs, message):
    with pytest.raises(InputError, match=message):
        SpatialCrossAttention(**kwargs)


def test_rejects_sizes_that_do_not_agree():
    maps, affinity, image_ids = problem()
    with pytest.raises(InputError, match=r'affinity \(6, 5\).* must be'):
        build()(maps, affinity[:, :5], image_ids)
    sca = build(embed_dims=4, in_channels=7)
    with pytest.raises(InputError, match='in_channels is 7.*have 6 channels'):
        sca(maps, affinity, image_ids)

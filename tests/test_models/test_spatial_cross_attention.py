import pytest
import torch
import torch.nn.functional as F

from mmsca.models import SpatialCrossAttention
from mmsca.models.spatial_cross_attention import (
    guided_pooling,
    select_partners,
    spatial_mask,
)


def two_views(num_images):
    return torch.arange(num_images).repeat(2)


def reference(maps, affinity, image_ids, num_partners, temperature):
    """The definition, one sample and one location at a time."""
    n, c, h, w = maps.shape
    tokens = maps.flatten(2).transpose(1, 2)
    tokens = F.normalize(tokens - tokens.reshape(-1, c).mean(0), dim=2)
    masks = []
    for i in range(n):
        others = [j for j in range(n) if image_ids[j] != image_ids[i]]
        others.sort(key=lambda j: -affinity[i, j])
        response = torch.zeros(h * w)
        for location in range(h * w):
            best = [
                max(tokens[i, location] @ key for key in tokens[j])
                for j in others[:num_partners]
            ]
            response[location] = sum(best) / len(best)
        masks.append((response / temperature).softmax(0).view(1, h, w))
    masks = torch.stack(masks)
    return (maps * masks).sum((2, 3)), masks


@pytest.mark.parametrize('h, w', [(3, 3), (2, 5)])
@pytest.mark.parametrize('num_partners', [1, 3])
def test_equals_definition(h, w, num_partners):
    torch.manual_seed(0)
    maps = torch.rand(8, 6, h, w)
    affinity = torch.rand(8, 8)
    image_ids = two_views(4)
    guided, mask = SpatialCrossAttention(num_partners, 0.1)(
        maps, affinity, image_ids
    )
    expected = reference(maps, affinity, image_ids, num_partners, 0.1)
    torch.testing.assert_close(guided, expected[0])
    torch.testing.assert_close(mask, expected[1])


def test_partners_are_the_most_akin_of_other_images():
    affinity = torch.tensor(
        [
            [9, 1, 9, 3],
            [5, 9, 0, 9],
            [9, 2, 9, 4],
            [6, 9, 7, 9],
        ]
    ).float()
    partners, valid = select_partners(
        affinity, two_views(2), torch.arange(4), 2
    )
    assert partners.tolist() == [[3, 1], [0, 2], [3, 1], [2, 0]]
    assert valid.all()


def test_a_single_image_falls_back_to_its_other_view():
    partners, valid = select_partners(
        torch.eye(2), two_views(1), torch.arange(2), 4
    )
    assert partners[:, 0].tolist() == [1, 0]
    assert valid.tolist() == [[True, False], [True, False]]
    guided, mask = SpatialCrossAttention()(
        torch.rand(2, 3, 4, 4), torch.eye(2), two_views(1)
    )
    assert guided.isfinite().all()
    torch.testing.assert_close(mask.sum((2, 3)), torch.ones(2, 1))


def test_a_single_sample_is_its_own_partner():
    partners, valid = select_partners(
        torch.ones(1, 1), torch.zeros(1), torch.arange(1), 2
    )
    assert partners.tolist() == [[0]] and valid.all()


def test_candidates_beyond_the_batch():
    """Rows of a larger problem are the same when asked for alone."""
    torch.manual_seed(0)
    maps, ids = torch.randn(6, 8, 3, 3), two_views(3)
    affinity = torch.rand(6, 6)
    sca = SpatialCrossAttention(num_partners=2)
    guided, mask = sca(maps, affinity, ids)
    rows = torch.tensor([4, 1])
    some_guided, some_mask = sca(maps[rows], affinity[rows], ids, maps, rows)
    torch.testing.assert_close(some_guided, guided[rows])
    torch.testing.assert_close(some_mask, mask[rows])


def test_mask_finds_what_partners_share():
    torch.manual_seed(0)
    maps = torch.randn(4, 32, 4, 4)
    shared = torch.randn(32) * 3
    for i, (y, x) in enumerate([(0, 0), (3, 1), (2, 2), (1, 3)]):
        maps[i, :, y, x] = shared
    _, mask = SpatialCrossAttention(num_partners=3)(
        maps, torch.ones(4, 4), torch.arange(4)
    )
    peaks = mask.flatten(1).argmax(1)
    assert peaks.tolist() == [0, 13, 10, 7]


def test_uniform_mask_is_average_pooling():
    maps = torch.rand(3, 5, 4, 2)
    mask = spatial_mask(
        torch.ones(3, 2, 8, 8), torch.ones(3, 2, dtype=torch.bool), 0.1
    ).view(3, 1, 4, 2)
    torch.testing.assert_close(
        guided_pooling(maps, mask), maps.mean(dim=(2, 3))
    )


def test_gradient_flows_through_the_maps_alone():
    maps = torch.rand(4, 3, 2, 2, requires_grad=True)
    guided, mask = SpatialCrossAttention()(
        maps, torch.rand(4, 4), two_views(2)
    )
    guided.sum().backward()
    assert not mask.requires_grad
    torch.testing.assert_close(maps.grad, mask.expand_as(maps))


def test_fp32_under_autocast():
    maps = torch.rand(4, 3, 2, 2)
    sca = SpatialCrossAttention()
    args = (torch.rand(4, 4), two_views(2))
    with torch.autocast('cpu', dtype=torch.bfloat16):
        _, mask = sca(maps, *args)
    assert torch.equal(mask, sca(maps, *args)[1])


@pytest.mark.parametrize(
    'kwargs', [dict(num_partners=0), dict(temperature=0.0)]
)
def test_rejects_bad_arguments(kwargs):
    with pytest.raises(ValueError, match='num_partners >= 1'):
        SpatialCrossAttention(**kwargs)

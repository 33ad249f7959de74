import torch
from ranks import run_ranks

from mmsca.models.partners import (
    Candidates,
    affinity_to,
    batch_candidates,
    select_partners,
    select_strangers,
)


def two_views(num_images):
    return torch.arange(num_images).repeat(2)


def test_cluster_partners_are_the_most_akin_of_other_images():
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


def test_random_partners_and_strangers_are_any_of_the_other_images():
    ids = two_views(100)
    index = torch.arange(200)
    partners, valid = select_partners(torch.eye(200), ids, index, 4, 'random')
    strangers, strange = select_strangers(ids, index, 4)
    assert valid.all() and strange.all()
    for i, images in enumerate(ids[torch.cat([partners, strangers], dim=1)]):
        # Four times both views of an image, never its own.
        assert len(images.unique()) == 4 and ids[i] not in images
    for chosen in (partners, strangers):
        # Independent of order: mean distance and spread of a fair draw.
        distance = (ids[chosen] - ids[:, None]).abs().float().mean()
        assert 30 < distance < 37
        times = ids[chosen].flatten().bincount(minlength=100)
        # Each image draws two others: Poisson, 14 % are drawn by none.
        assert (times == 0).float().mean() < 0.25 and times.max() <= 32


def test_other_view_partners():
    partners, valid = select_partners(
        torch.rand(6, 6), two_views(3), torch.arange(6), 2, 'other_view'
    )
    assert partners[:, 0].tolist() == [3, 4, 5, 0, 1, 2]
    assert valid.tolist() == [[True, False]] * 6


def test_fallback_to_the_other_view_then_to_itself():
    partners, valid = select_partners(
        torch.eye(2), two_views(1), torch.arange(2), 4
    )
    assert partners[:, 0].tolist() == [1, 0]
    assert valid.tolist() == [[True, False], [True, False]]
    for source in ('cluster', 'random', 'other_view'):
        partners, valid = select_partners(
            torch.ones(1, 1), two_views(1)[:1], torch.arange(1), 2, source
        )
        assert partners.tolist() == [[0]] and valid.all()
    strangers, valid = select_strangers(two_views(1), torch.arange(2), 4)
    assert strangers[:, 0].tolist() == [1, 0]


def candidates_of_rank(rank, world_size, gather):
    maps = torch.arange(4.0).view(4, 1, 1, 1) + 10 * rank
    return tuple(batch_candidates(maps, maps.flatten(1), 2, gather))


def test_gathered_candidates():
    for rank, found in enumerate(run_ranks(candidates_of_rank, 2, True)):
        found = Candidates(*found)
        assert found.maps.flatten().tolist() == [0, 1, 2, 3, 10, 11, 12, 13]
        assert found.descriptors.flatten().tolist() == [
            *(0, 1, 2, 3),
            *(10, 11, 12, 13),
        ]
        # Two views of images 0, 2 on the first rank, of 1, 3 on the second.
        assert found.image_ids.tolist() == [0, 2, 0, 2, 1, 3, 1, 3]
        assert found.index.tolist() == [4 * rank + i for i in range(4)]


def test_candidates_of_the_rank_alone():
    for rank, found in enumerate(run_ranks(candidates_of_rank, 2, False)):
        found = Candidates(*found)
        assert found.maps.flatten().tolist() == [
            10 * rank + i for i in range(4)
        ]
        assert found.image_ids.tolist() == [0, 1, 0, 1]
        assert found.index.tolist() == [0, 1, 2, 3]


def test_affinity_keeps_its_precision_under_autocast():
    # One cluster; a hundredth of a cosine tells its members apart.
    codes = torch.tensor([[1.0, 0], [1, 0], [1, 0]])
    z = torch.tensor([[1.0, 0], [0.6, 0.8], [0.8, 0.6]])
    descriptors = torch.cat([codes, 0.1 * z], dim=1)
    candidates = batch_candidates(
        torch.zeros(3, 1, 1, 1), descriptors, num_views=1, gather=False
    )
    expected = 1 + 0.01 * z @ z.T
    with torch.autocast('cpu', dtype=torch.bfloat16):
        found = affinity_to(candidates)
    torch.testing.assert_close(found, expected)
    partners, _ = select_partners(found, torch.arange(3), torch.arange(3), 1)
    assert partners.flatten().tolist() == [2, 2, 1]

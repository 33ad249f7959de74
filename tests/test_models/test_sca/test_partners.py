import torch
import torch.nn.functional as F

from mmsca.models.sca.partners import (
    Candidates,
    select_negatives,
    select_partners,
    short_descriptors,
    similarity,
)
from mmsca.models.sca.rank_batch import RankBatch


def candidates_of(num_images, num_views=2, embeddings=None):
    """Candidates of one process, without locations."""
    count = num_images * num_views
    batch = RankBatch(count, num_views)
    z = torch.eye(count) if embeddings is None else embeddings
    return Candidates(
        short_descriptors(z), batch.ids, batch.own, torch.zeros(count), batch
    )


def test_similarity_is_that_of_the_largest_codes_and_of_embeddings():
    generator = torch.Generator().manual_seed(0)
    z = F.normalize(torch.randn(5, 16, generator=generator), dim=1)
    codes = torch.randn(5, 30, generator=generator).mul(4).softmax(dim=1)
    own = torch.tensor([3, 0])
    found = similarity(short_descriptors(z, codes), own)
    # All but the largest eight are dropped.
    kept = codes.where(codes >= codes.topk(8).values[:, -1:], 0)
    z, kept = z.half().float(), kept.half().float()
    expected = kept[own] @ kept.T + 0.01 * z[own] @ z.T
    torch.testing.assert_close(found, expected)


def test_largest_codes_come_first():
    codes = torch.tensor([[0.1, 0.7, 0.2]])
    images = short_descriptors(torch.ones(1, 1), codes)
    assert images.prototypes.tolist() == [[1, 2, 0]]


def test_embeddings_tell_images_of_one_cluster_apart():
    codes = torch.tensor([[1.0, 0], [1, 0], [1, 0]])
    z = torch.tensor([[1.0, 0], [0.6, 0.8], [0.8, 0.6]])
    candidates = candidates_of(3, 1)._replace(
        images=short_descriptors(z, codes)
    )
    with torch.autocast('cpu', dtype=torch.bfloat16):
        partners, _ = select_partners(candidates, 1)
    assert partners.flatten().tolist() == [2, 2, 1]


def test_partners_are_the_most_similar_of_other_images():
    z = torch.tensor([[1.0, 0], [0, 1], [0.8, 0.6], [0.6, 0.8]])
    partners, valid = select_partners(candidates_of(2, 2, z), 2)
    # Samples 0 and 2 are views of an image, 1 and 3 of the other.
    assert partners.tolist() == [[3, 1], [2, 0], [3, 1], [2, 0]]
    assert valid.all()


def test_random_partners_are_any_of_the_other_images():
    candidates = candidates_of(100)
    ids = candidates.ids
    partners, valid = select_partners(candidates, 4, 'random')
    assert valid.all()
    for i, images in enumerate(ids[partners]):
        # Twice both views of an image, never its own.
        assert len(images.unique()) == 2 and ids[i] not in images
    # Independent of order: mean distance and spread of a fair draw.
    distance = (ids[partners] - ids[:, None]).abs().float().mean()
    assert 30 < distance < 37
    times = ids[partners].flatten().bincount(minlength=100)
    # Each image draws two others: Poisson, 14 % are drawn by none.
    assert (times == 0).float().mean() < 0.25 and times.max() <= 32


def test_negatives_are_one_set_for_all():
    candidates = candidates_of(100)
    negatives, other = select_negatives(candidates, 16)
    images = candidates.ids[negatives]
    # Both views of eight images, in no order.
    assert len(images.unique()) == 8
    assert 25 < images.float().mean() < 75
    assert other.shape == (200, 16)
    own = (~other).nonzero()
    assert len(own) == 8 * 2 * 2
    assert (candidates.ids[own[:, 0]] == images[own[:, 1]]).all()


def test_negatives_come_from_the_batch_not_from_the_past():
    candidates = candidates_of(4)
    candidates = candidates._replace(
        ids=torch.cat([candidates.ids, torch.arange(-50, 0)])
    )
    negatives, _ = select_negatives(candidates, 8)
    assert negatives.max() < 8


def test_other_view_partners():
    partners, valid = select_partners(candidates_of(3), 2, 'other_view')
    assert partners[:, 0].tolist() == [3, 4, 5, 0, 1, 2]
    assert valid.tolist() == [[True, False]] * 6


def test_fallback_to_the_other_view_then_to_itself():
    partners, valid = select_partners(candidates_of(1), 4)
    assert partners[:, 0].tolist() == [1, 0]
    assert valid.tolist() == [[True, False], [True, False]]
    for source in ('cluster', 'random', 'other_view'):
        partners, valid = select_partners(candidates_of(1, 1), 2, source)
        assert partners.tolist() == [[0]] and valid.all()

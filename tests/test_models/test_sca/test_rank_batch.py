"""What ranks send one another is what one process has."""

import pytest
import torch
import torch.nn.functional as F
from ranks import run_ranks

from mmsca.models import SpatialCrossAttention
from mmsca.models.sca.partners import short_descriptors

VIEWS, IMAGES, CHANNELS = 2, 19, 8


def problem():
    """Maps, embeddings and codes of two views of some images."""
    generator = torch.Generator().manual_seed(0)
    shape = (VIEWS, IMAGES)
    maps = torch.randn(*shape, CHANNELS, 3, 3, generator=generator).double()
    z = F.normalize(torch.randn(*shape, 6, generator=generator), dim=-1)
    codes = torch.randn(*shape, 12, generator=generator).mul(3).softmax(-1)
    return maps, z, codes


def attend(rank, world_size, images, **kwargs):
    """Masks of this rank's images, and the images of its partners."""
    maps, z, codes = (
        x[:, rank:images:world_size].flatten(0, 1) for x in problem()
    )
    sca = SpatialCrossAttention(CHANNELS, **kwargs).double()
    candidates = sca.candidates(maps, short_descriptors(z, codes), VIEWS)
    attention = sca(candidates)
    return (
        candidates.own,
        attention.mask,
        attention.partners,
        attention.valid,
        candidates.ids,
    )


# Fewer ranks than partners gather all, more exchange what was chosen. The
# last batches are uneven, and leave ranks with one image or none.
@pytest.mark.parametrize(
    'world_size, images, kwargs',
    [
        (2, 16, dict(num_partners=3)),
        (2, 19, dict(num_partners=1)),
        (4, 19, dict(num_partners=4)),
        (4, 19, dict(num_partners=3)),
        (4, 18, dict(num_partners=3, partners='random')),
        (4, 19, dict(partners='none')),
        (8, 19, dict(num_partners=3)),
        (8, 6, dict(num_partners=2)),
    ],
)
def test_ranks_equal_one_process(world_size, images, kwargs):
    own, *expected, ids = attend(0, 1, images, **kwargs)
    assert own.tolist() == list(range(VIEWS * images))
    total = 0
    for own, *found, rank_ids in run_ranks(
        attend, world_size, images, **kwargs
    ):
        assert torch.equal(rank_ids, ids)
        for value, whole in zip(found, expected, strict=True):
            torch.testing.assert_close(value, whole[own])
        total += len(own)
    assert total == VIEWS * images


def attend_in_group(rank, world_size):
    return attend(rank, world_size, 16, group_size=2)[-1]


def test_groups_keep_to_themselves():
    for ids in run_ranks(attend_in_group, 4):
        # Eight images of two ranks, by their places in the group.
        assert ids.tolist() == [*range(8)] * VIEWS

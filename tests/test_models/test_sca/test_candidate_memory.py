import pytest
import torch

from mmsca.models.sca.memory import CandidateMemory
from mmsca.models.sca.partners import Candidates, ShortDescriptors
from mmsca.models.sca.rank_batch import RankBatch
from mmsca.utils.errors import InputError


def build(length=6, map_size=(2, 2)):
    return CandidateMemory(
        length, map_size, embed_dims=4, image_dims=3, num_codes=2
    )


def candidates_of(values):
    """One sample a value, which is all that its descriptors say."""
    rows = torch.tensor(values)[:, None].bfloat16()
    batch = RankBatch(len(values))
    images = ShortDescriptors(
        rows.expand(-1, 3), rows.int().expand(-1, 2), rows.expand(-1, 2)
    )
    locations = rows[:, None, None].expand(-1, 2, 2, 4)
    return Candidates(images, batch.ids, batch.own, locations, batch)


def values_of(candidates):
    """Of each sample, if all its descriptors say the same."""
    columns = [x.float().flatten(1) for x in candidates.images]
    columns = torch.cat([*columns, candidates.locations.float().flatten(1)], 1)
    assert (columns == columns[:, :1]).all()
    return columns[:, 0].tolist()


def test_past_candidates_follow_the_batch_newest_first():
    memory = build()
    found = [memory.extend(candidates_of([i, i + 1])) for i in (1, 3, 5, 7)]
    assert [values_of(c) for c in found] == [
        [1, 2],
        [3, 4, 1, 2],
        [5, 6, 3, 4, 1, 2],
        [7, 8, 5, 6, 3, 4, 1, 2],
    ]
    # Each is another image, and none is this rank's.
    assert found[-1].ids.tolist() == [0, 1, -1, -2, -3, -4, -5, -6]
    assert found[-1].own.tolist() == [0, 1]
    assert found[-1].own_locations[:, 0, 0, 0].tolist() == [7, 8]


def test_a_checkpoint_goes_on():
    memory, other = build(), build()
    memory.extend(candidates_of([1, 2, 3, 4]))
    other.extend(candidates_of([9]))
    other.load_state_dict(memory.state_dict())
    assert values_of(other.extend(candidates_of([5]))) == [5, 1, 2, 3, 4]


def test_3840_maps_of_resnet50_take_60_mb_at_most():
    memory = CandidateMemory(3840, (7, 7), 64, 128, 8)
    size = sum(x.numel() * x.element_size() for x in memory.buffers())
    assert size < 30e6


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (
            dict(map_size=(3, 2)),
            r'map_size is \(3, 2\), .* maps are \(2, 2\)',
        ),
        (dict(length=2), r'length=2 is shorter than .* \(4 maps\)'),
    ],
)
def test_refuses_what_does_not_fit(kwargs, message):
    with pytest.raises(InputError, match=message):
        build(**kwargs).extend(candidates_of([1, 2, 3, 4]))

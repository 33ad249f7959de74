"""Draws depend on seed, epoch and index, and on nothing else."""

import copy
import gc
import pickle
from itertools import islice

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from mmpretrain.registry import DATASETS
from torch.utils.data import DataLoader

from mmsca.datasets.samplers import Draw, KeyedSampler
from mmsca.utils.errors import InputError


def sampler_at(epoch=0, size=10, **kwargs):
    sampler = KeyedSampler(range(size), seed=7, **kwargs)
    sampler.set_epoch(epoch)
    return sampler


@pytest.mark.parametrize('epoch', [0, 3])
@pytest.mark.parametrize('shuffle', [False, True])
def test_order_is_that_of_mmengine(epoch, shuffle):
    reference = DefaultSampler(range(10), shuffle=shuffle, seed=7)
    reference.set_epoch(epoch)
    draws = list(sampler_at(epoch, shuffle=shuffle))
    assert draws == list(reference)
    assert {draw.key for draw in draws} == {(7, epoch)}


def test_infinite_is_one_epoch_after_another():
    epochs = [draw for e in range(3) for draw in sampler_at(e)]
    draws = list(islice(sampler_at(infinite=True), 30))
    assert draws == epochs
    assert [d.key for d in draws] == [d.key for d in epochs]
    late = sampler_at(infinite=True)
    late.skip(17)
    assert list(islice(late, 13)) == epochs[17:]


@pytest.mark.parametrize('infinite', [False, True])
def test_a_million_draws_are_made_one_by_one(infinite):
    sampler = sampler_at(5, size=10**6, infinite=infinite)
    sampler.skip(999_000)
    draws = islice(sampler, 1000)
    gc.collect()
    before = len(gc.get_objects())
    first = next(draws)
    assert len(gc.get_objects()) - before < 100
    assert (
        first
        == torch.randperm(
            10**6, generator=torch.Generator().manual_seed(7 + 5)
        )[999_000]
    )
    second = next(draws)
    assert second.key is first.key  # one for all
    assert len(list(draws)) == 998


@pytest.mark.parametrize('round_up', [False, True])
@pytest.mark.parametrize('size, world_size', [(3, 8), (8, 8), (10, 3)])
def test_shares_are_those_of_mmengine(size, world_size, round_up, monkeypatch):
    """After any number of skipped draws, which are skipped once."""
    for rank in range(world_size):
        monkeypatch.setattr(
            'mmengine.dataset.sampler.get_dist_info',
            lambda rank=rank: (rank, world_size),
        )
        kwargs = dict(seed=7, round_up=round_up)
        reference = DefaultSampler(range(size), **kwargs)
        reference.set_epoch(2)
        share = list(reference)
        for skipped in range(len(share) + 1):
            sampler = KeyedSampler(range(size), **kwargs)
            sampler.set_epoch(2)
            sampler.skip(skipped)
            assert list(sampler) == share[skipped:]
            assert list(sampler) == share


def test_draw_survives_a_process_border():
    for copied in (
        pickle.loads(pickle.dumps(Draw(3, (1, 2)))),
        copy.deepcopy(Draw(3, (1, 2))),
    ):
        assert copied == 3 and copied.key == (1, 2)


@pytest.fixture(params=[True, False], ids=['device', 'loader'])
def dataset(material_scenes, request):
    return DATASETS.build(
        dict(
            type='mmsca.ImageFolder',
            data_root=str(material_scenes / 'train'),
            pipeline=[
                dict(type='mmsca.SeedDraw'),
                dict(
                    type='mmsca.MultiCrop',
                    num_crops=[2, 2],
                    sizes=[32, 16],
                    scales=[(0.3, 1.0), (0.1, 0.3)],
                    on_device=request.param,
                ),
            ],
        )
    )


def views(dataset, epoch=0, num_workers=0, skip=0):
    sampler = KeyedSampler(dataset, seed=1)
    sampler.set_epoch(epoch)
    sampler.skip(skip)
    loader = DataLoader(
        dataset,
        batch_size=8,
        sampler=sampler,
        num_workers=num_workers,
        collate_fn=lambda samples: [
            torch.stack(view)
            for view in zip(*(s['inputs'] for s in samples), strict=True)
        ],
    )
    return [torch.cat(v) for v in zip(*loader, strict=True)]


def test_views_do_not_depend_on_workers_or_position(dataset):
    torch.manual_seed(0)
    np.random.seed(0)
    expected = views(dataset)
    assert all(
        torch.equal(a, b)
        for a, b in zip(views(dataset, num_workers=2), expected, strict=True)
    )
    late = views(dataset, num_workers=1, skip=16)
    assert all(
        torch.equal(a, b[16:]) for a, b in zip(late, expected, strict=True)
    )
    other = views(dataset, epoch=1)
    assert not torch.equal(other[0].float().sum(), expected[0].float().sum())


def test_index_without_key_is_an_error(dataset):
    with pytest.raises(InputError, match='mmsca.KeyedSampler'):
        dataset[0]

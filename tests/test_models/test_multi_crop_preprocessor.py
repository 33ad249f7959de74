"""Batches of views on their way to the model."""

import numpy as np
import pytest
import torch
from mmengine.registry import MODELS, init_default_scope

from mmsca.augmentation import Crops, Recipe, augment
from mmsca.datasets import pack_views
from mmsca.models import MultiCropPreprocessor

MEAN, STD = [120.0, 110.0, 100.0], [60.0, 57.0, 50.0]
SIDES = [24, 24, 12, 12, 12]


@pytest.fixture
def preprocessor():
    return MultiCropPreprocessor(mean=MEAN, std=STD, to_rgb=True)


def samples(count=4, augmentation=True):
    generator = torch.Generator().manual_seed(0)
    np.random.seed(0)
    return [
        dict(
            inputs=[
                torch.randint(0, 256, (3, side, side), generator=generator).to(
                    torch.uint8
                )
                for side in SIDES
            ],
            boxes=torch.randint(0, 99, (5, 4), generator=generator),
            flips=torch.rand(5, generator=generator) < 0.5,
            **(
                dict(augmentation=torch.from_numpy(Recipe().draw(5)))
                if augmentation
                else {}
            ),
        )
        for _ in range(count)
    ]


def normalized(view):
    mean, std = (torch.tensor(x).view(3, 1, 1) for x in (MEAN, STD))
    return (view.float() - mean) / std


@pytest.mark.parametrize('augmentation', [True, False])
def test_equals_one_view_after_another(preprocessor, augmentation):
    batch = samples(augmentation=augmentation)
    data = preprocessor(pack_views(batch), training=True)
    views = data['inputs']
    assert [view.shape for view in views] == [(4, 3, s, s) for s in SIDES]
    for b, sample in enumerate(batch):
        for v, view in enumerate(sample['inputs']):
            expected = view
            if augmentation:
                parameters = sample['augmentation'][v : v + 1]
                (expected,) = augment(view[None], parameters)
            torch.testing.assert_close(
                views[v][b], normalized(expected), rtol=0, atol=1e-4
            )


def test_crops_come_along_and_views_of_one_size_are_one_tensor(preprocessor):
    batch = samples()
    data = preprocessor(pack_views(batch))
    crops = data['data_samples']
    assert isinstance(crops, Crops)
    assert torch.equal(crops.boxes[2], batch[2]['boxes'])
    assert torch.equal(crops.flips[2], batch[2]['flips'])
    storages = [view.untyped_storage().data_ptr() for view in data['inputs']]
    assert storages[0] == storages[1] != storages[2]
    assert storages[2] == storages[3] == storages[4]


@pytest.mark.parametrize('several', [True, False])
def test_other_pipelines_are_normalized_alone(preprocessor, several):
    """As by mmpretrain's preprocessor: lists of views, and images; BGR."""
    init_default_scope('mmpretrain')
    reference = MODELS.build(
        dict(type='SelfSupDataPreprocessor', mean=MEAN, std=STD, to_rgb=True)
    )
    image = torch.arange(2 * 3 * 4 * 4).view(2, 3, 4, 4).to(torch.uint8)
    inputs = [image, image + 1] if several else image
    data = dict(inputs=inputs, data_samples=['a', 'b'])
    outcome, expected = preprocessor(data, True), reference(data, True)
    assert outcome['data_samples'] == expected['data_samples']
    torch.testing.assert_close(outcome['inputs'], expected['inputs'])
    first = outcome['inputs'][0] if several else outcome['inputs']
    torch.testing.assert_close(first, normalized(image.flip(1)))

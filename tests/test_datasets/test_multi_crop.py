"""Views from files, by both paths and through the data loader."""

import copy

import numpy as np
import pytest
import torch
from mmcv.transforms import LoadImageFromFile
from mmengine.dataset import default_collate
from mmpretrain.registry import DATASETS
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.transforms.functional import resized_crop

from mmsca.datasets import pack_views
from mmsca.datasets.samplers import KeyedSampler
from mmsca.datasets.transforms import MultiCrop
from mmsca.datasets.transforms.multi_crop import cut, needed_scale
from mmsca.models import MultiCropPreprocessor
from mmsca.utils.errors import InputError
from mmsca.utils.image_file import ImageFile

CROPS = dict(
    num_crops=[2, 3], sizes=[32, 16], scales=[(0.3, 1.0), (0.05, 0.3)]
)
PREPROCESSOR = dict(
    mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True
)


def clouds(width, height, seed=0):
    """A smooth picture in colour."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.BICUBIC)


@pytest.fixture
def saved(tmp_path):
    """`saved(image, name, **options)` writes it and gives the path."""

    def save(image, name, **options):
        image.save(tmp_path / name, **options)
        return str(tmp_path / name)

    return save


def transformed(path, seed=0, **kwargs):
    np.random.seed(seed)
    return MultiCrop(**{**CROPS, **kwargs}).transform(dict(img_path=path))


def assert_is_that_of_torchvision(view, picture, box, side):
    """`resized_crop` of a PIL image, to one level."""
    x0, y0, x1, y1 = box
    expected = resized_crop(picture, y0, x0, y1 - y0, x1 - x0, [side, side])
    assert view.shape == (3, side, side) and view.dtype == torch.uint8
    gap = view.permute(1, 2, 0).numpy().astype(int) - np.array(expected)
    assert np.abs(gap).max() <= 1


def test_crops_are_those_of_torchvision(saved):
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8))
    results = transformed(saved(noise, 'noise.png'))
    boxes, sides = results['boxes'].tolist(), [32] * 2 + [16] * 3
    for view, box, side in zip(results['inputs'], boxes, sides, strict=True):
        assert_is_that_of_torchvision(view, noise, box, side)


@pytest.mark.parametrize('size', [8, 40])
def test_crops_smaller_than_their_view_are_those_of_torchvision(size):
    picture, box = clouds(size, size), np.array([0.25, 0.25, 1.0, 0.75])
    (view,) = cut(np.array(picture), box[None], [48])
    box = (size * box).astype(int)
    assert_is_that_of_torchvision(view, picture, box, 48)


def test_results(saved):
    results = transformed(saved(clouds(80, 60), 'a.png'))
    assert results['boxes'].shape == (5, 4)
    assert results['flips'].dtype == torch.bool
    assert torch.equal(results['flips'], results['augmentation'][:, 0] == 1)
    classic = transformed(saved(clouds(80, 60), 'a.png'), on_device=False)
    assert classic.keys() == results.keys() - {'augmentation'}
    assert torch.equal(classic['boxes'], results['boxes'])


def test_img_of_a_step_before_is_taken_instead_of_the_file(saved):
    path = saved(clouds(80, 60), 'a.png')
    loaded = LoadImageFromFile().transform(dict(img_path=path))
    np.random.seed(0)
    results = MultiCrop(**CROPS).transform(dict(loaded, img_path='gone.png'))
    expected = transformed(path)
    for view, other in zip(results['inputs'], expected['inputs'], strict=True):
        assert torch.equal(view, other)


def test_recipes_per_size(saved):
    """As in BYOL, where two views of one size differ."""
    recipe = [dict(flip=1.0, blur=1.0), dict(flip=0.0, solarize=1.0, blur=0)]
    results = transformed(
        saved(clouds(80, 60), 'a.png'), sizes=[32, 32], recipe=recipe
    )
    assert results['flips'].tolist() == [True] * 2 + [False] * 3
    assert (results['augmentation'][:2, -2] > 0).all()
    assert (results['augmentation'][2:, -1] == 128).all()


LENGTHS = 'as many num_crops as sizes'
RANGES = 'scales of mmsca.MultiCrop has'


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(sizes=[32]), LENGTHS),
        (dict(recipe=[{}]), LENGTHS),
        (dict(num_crops=[1] * 3), LENGTHS),
        (dict(scales=[(0.5, 1.0), (0.9, 0.1)]), RANGES),
        (dict(scales=[(0.5, 1.0), (0, 1)]), RANGES),
        (dict(scales=[(0.5, 1.0), (0.5, 1.2)]), RANGES),
    ],
)
def test_options_that_do_not_fit(wrong, message):
    with pytest.raises(InputError, match=message):
        MultiCrop(**{**CROPS, **wrong})


@pytest.mark.parametrize(
    'scale, size',
    [
        (1.0, (801, 601)),
        (0.51, (801, 601)),
        (0.5, (401, 301)),
        (0.1, (101, 76)),
    ],
)
def test_jpeg_is_decoded_no_larger_than_needed(scale, size, saved):
    image = ImageFile(saved(clouds(801, 601), 'a.jpg'))
    assert image.decode(scale).shape[1::-1] == size


def test_scaled_decoding_changes_a_smooth_image_little(saved):
    path = saved(clouds(1603, 1201), 'a.jpg', quality=95)
    full = ImageFile(path).decode()
    np.random.seed(0)
    crop = MultiCrop(**{**CROPS, 'scales': [(0.5, 1.0), (0.2, 0.5)]})
    results = crop.transform(dict(img_path=path))
    boxes, sides = results['boxes'].numpy(), [32] * 2 + [16] * 3
    assert needed_scale(boxes, sides) < 1 / 8
    expected = cut(full, boxes / [1603, 1201, 1603, 1201], sides)
    for view, other in zip(results['inputs'], expected, strict=True):
        gap = (view.int() - other.int()).abs().float()
        # Slopes are up to 80 levels a pixel, and edges move by up to a half.
        assert gap.max() <= 16 and gap.mean() < 4


def test_no_crop_is_smaller_than_its_view_for_the_decoding():
    boxes = np.array([[0, 0, 100, 64], [0, 0, 20, 40]])
    assert needed_scale(boxes, [16, 5]) == 0.25
    assert needed_scale(boxes, [16, 40]) == 1


def batches(material_scenes, collate=pack_views, **kwargs):
    """Normalized views and crops of an epoch, through the data loader."""
    dataset = DATASETS.build(
        dict(
            type='mmsca.ImageFolder',
            data_root=str(material_scenes / 'train'),
            pipeline=[
                dict(type='mmsca.SeedDraw'),
                dict(type='mmsca.MultiCrop', **CROPS, **kwargs),
            ],
        )
    )
    loader = DataLoader(
        dataset,
        batch_size=10,
        sampler=KeyedSampler(dataset, seed=1),
        collate_fn=collate,
    )
    preprocessor = MultiCropPreprocessor(**PREPROCESSOR)
    return [preprocessor(copy.copy(batch), True) for batch in loader]


def test_packing_changes_nothing(material_scenes):
    alone = batches(material_scenes, collate=default_collate)
    packed = batches(material_scenes)
    for one, two in zip(alone, packed, strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=0)


def test_device_and_loader_give_the_same_views(material_scenes):
    std = torch.tensor(PREPROCESSOR['std']).view(3, 1, 1)
    for fast, classic in zip(
        batches(material_scenes),
        batches(material_scenes, on_device=False),
        strict=True,
    ):
        for one, two in zip(
            fast['data_samples'], classic['data_samples'], strict=True
        ):
            assert torch.equal(one, two)
        for view, other in zip(fast['inputs'], classic['inputs'], strict=True):
            gap = ((view - other) * std).abs()  # levels
            assert gap.mean() < 1.5
            assert gap.flatten().quantile(0.999) < 12

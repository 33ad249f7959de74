import copy
import gc
import pickle

import numpy as np
import pytest
import torch
from mmpretrain.datasets import CustomDataset
from torch.utils.data import DataLoader

from mmsca.datasets import ImageFolder, KeyedSampler
from mmsca.datasets.find_images import IMAGE_EXTENSIONS
from mmsca.datasets.samplers import Draw
from mmsca.registry import TRANSFORMS
from mmsca.utils.errors import InputError

NESTED = [
    'b/2.jpg', 'b/10.JPG', 'b/c/1.png', 'b-/1.jpeg', 'b.ppm', 'a.b/1.bmp',
    'z.pgm', 'é.tif', 'B/1.jpg', 'b/.1.jpg', 'notes.txt', 'b/1.gif',
]  # fmt: skip
MULTI_CROP = dict(
    type='mmsca.MultiCrop',
    num_crops=[2, 2],
    sizes=[32, 16],
    scales=[(0.3, 1.0), (0.1, 0.3)],
)


@pytest.fixture
def nested(touch):
    """Files of no content, some of which are no images by their name."""
    return touch(*(f'nested/train/{name}' for name in NESTED)) / 'nested'


def infos(dataset):
    return [dataset.get_data_info(i) for i in range(len(dataset))]


@pytest.mark.parametrize(
    'kwargs',
    [
        dict(),
        dict(indices=4),
        dict(indices=-3),
        dict(indices=100),
        dict(indices=[5, 0, 2, 2]),
        dict(extensions=['.GIF', '.jpg']),
        dict(lazy_init=True),
    ],
)
@pytest.mark.parametrize('where', ['root', 'prefix'])
@pytest.mark.parametrize('listed', [False, True])
def test_items_are_those_of_mmpretrain(
    nested, tmp_path, kwargs, where, listed
):
    place = dict(data_root=str(nested), data_prefix='train')
    if where == 'root':
        place = dict(data_root=str(nested / 'train'))
    kwargs = dict(dict(extensions=IMAGE_EXTENSIONS), **kwargs)
    reference = CustomDataset(**place, with_label=False, **kwargs)
    listing = str(tmp_path / 'list.txt') if listed else ''
    for _ in range(2):  # writes the listing, then reads it
        dataset = ImageFolder(**place, listing=listing, **kwargs)
        assert infos(dataset) == infos(reference)
    assert dataset.metainfo == reference.metainfo
    assert dataset.get_data_info(-1) == reference.get_data_info(-1)
    with pytest.raises(IndexError):
        dataset.get_data_info(len(dataset))


@pytest.mark.parametrize('indices', [3, -2, [4, 1, 1]])
def test_subsets_are_those_of_mmpretrain(nested, indices):
    dataset = ImageFolder(str(nested))
    reference = CustomDataset(
        str(nested), with_label=False, extensions=IMAGE_EXTENSIONS
    )
    expected = infos(reference.get_subset(indices))
    assert infos(dataset.get_subset(indices)) == expected
    assert len(dataset) == len(reference)
    dataset.get_subset_(indices)
    assert infos(dataset) == expected


def test_names_from_an_annotation_file(nested):
    (nested / 'some.txt').write_text('b/2.jpg\nz.pgm')
    place = dict(
        data_root=str(nested), data_prefix='train', ann_file='some.txt'
    )
    reference = CustomDataset(**place, with_label=False)
    assert infos(ImageFolder(**place)) == infos(reference)
    with pytest.raises(InputError, match='some.txt.*one of the two'):
        ImageFolder(**place, listing='list.txt')


def test_folders_that_are_missing_or_empty(tmp_path, touch):
    with pytest.raises(InputError, match='train. does not exist.*data_root'):
        ImageFolder(str(tmp_path), 'train')
    touch('train/notes.txt')
    with pytest.raises(InputError, match='holds no image.*data_prefix'):
        ImageFolder(str(tmp_path), 'train')


def test_sample_idx_is_the_draw(nested):
    dataset = ImageFolder(str(nested), pipeline=[lambda results: results])
    for draw in KeyedSampler(dataset, seed=3):
        found = dataset[draw]['sample_idx']
        assert isinstance(found, Draw) and found.key == draw.key == (3, 0)
        assert dataset[draw]['img_path'] == dataset[int(draw)]['img_path']


def test_no_object_per_image(nested, tmp_path):
    names = [f'n{i // 1000:08d}/{i:08d}.JPEG' for i in range(20_000)]
    (tmp_path / 'list.txt').write_text('\n'.join(names))
    gc.collect()
    before = len(gc.get_objects())
    dataset = ImageFolder(str(nested), ann_file=str(tmp_path / 'list.txt'))
    gc.collect()
    assert len(gc.get_objects()) - before < 1000
    code = pickle.dumps(dataset)
    # The text, where each name ends, and which sample has it.
    assert len(code) < sum(len(name) + 1 + 8 + 8 for name in names) + 10_000
    for copied in (pickle.loads(code), copy.deepcopy(dataset)):
        assert copied.get_data_info(19_999) == dataset.get_data_info(19_999)
        assert len(copied) == len(names)


@pytest.mark.parametrize(
    'reader, num_workers', [(dict(type='mmsca.LoadImage'), 0), (MULTI_CROP, 1)]
)
def test_a_listing_that_names_what_is_gone(
    material_scenes, tmp_path, reader, num_workers
):
    kwargs = dict(
        data_root=str(material_scenes),
        data_prefix='val',
        listing=str(tmp_path / 'list.txt'),
    )
    ImageFolder(**kwargs)
    text = (tmp_path / 'list.txt').read_text()
    (tmp_path / 'list.txt').write_text(text.replace('_0001.png', '_gone.png'))
    dataset = ImageFolder(**kwargs, pipeline=[reader])
    loader = DataLoader(
        dataset, batch_size=None, num_workers=num_workers, collate_fn=len
    )
    with pytest.raises(InputError, match='list.txt.*_gone.png.*anew'):
        list(loader)
    with pytest.raises(InputError, match='list.txt.*_gone.png.*anew'):
        ImageFolder(**kwargs, cache=str(tmp_path / 'cache'))


PIPELINES = {
    'multi crop': [MULTI_CROP],
    'as it is': [dict(type='PackInputs')],
    'flipped': [dict(type='RandomFlip', prob=1.0), dict(type='PackInputs')],
    'resized': [dict(type='Resize', scale=20), dict(type='PackInputs')],
}


@pytest.mark.parametrize('name', PIPELINES)
def test_views_of_cached_images_are_those_of_files(
    material_scenes, tmp_path, name
):
    """In the workers of a loader too."""

    def views(*steps, **kwargs):
        steps = [dict(type='mmsca.SeedDraw'), *steps, *PIPELINES[name]]
        dataset = ImageFolder(
            str(material_scenes), 'train', pipeline=steps, **kwargs
        )
        loader = DataLoader(
            dataset,
            sampler=KeyedSampler(dataset, seed=1),
            batch_size=None,
            num_workers=2 if name == 'multi crop' else 0,
            collate_fn=lambda x: x,
        )
        found = []
        for sample in loader:
            inputs = sample['inputs']
            found += inputs if isinstance(inputs, list) else [inputs]
        return found

    expected = views(dict(type='mmsca.LoadImage'))
    found = views(cache=str(tmp_path / 'cache'))
    assert len(found) == len(expected)
    assert all(map(torch.equal, found, expected))


def test_cached_items_have_the_fields_of_loaded_ones(
    material_scenes, tmp_path
):
    kwargs = dict(data_root=str(material_scenes), data_prefix='val')
    load = TRANSFORMS.build(dict(type='mmsca.LoadImage'))
    reference = ImageFolder(**kwargs, pipeline=[load])
    dataset = ImageFolder(**kwargs, cache=str(tmp_path / 'cache'))
    for part in (None, [3, 0], -2):
        if part is not None:
            reference.get_subset_(part)
            dataset = dataset.get_subset(part)
        for index in range(len(reference)):
            found, expected = dataset[index], reference[index]
            np.testing.assert_array_equal(
                found.pop('img'), expected.pop('img')
            )
            assert found == expected
    assert len(pickle.dumps(dataset)) < 10_000


@pytest.mark.parametrize('step', ['mmsca.LoadImage', 'LoadImageFromFile'])
def test_what_is_cached_is_not_loaded_again(step, material_scenes, tmp_path):
    name = step.split('.')[-1]
    with pytest.raises(InputError, match=f'Take {name} out'):
        ImageFolder(
            str(material_scenes),
            'val',
            cache=str(tmp_path / 'cache'),
            pipeline=[dict(type=step)],
        )
    assert not (tmp_path / 'cache').exists()

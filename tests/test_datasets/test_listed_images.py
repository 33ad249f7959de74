from pathlib import Path

import pytest

from mmsca.datasets import ListedImages
from mmsca.utils.errors import InputError


@pytest.fixture
def folder(touch):
    """Two classes of ImageNet and one whose name has a _."""
    return touch(
        'train/n01440764/n01440764_10183.JPEG',
        'train/n01440764/n01440764_7.JPEG',
        'train/sea_lion/sea_lion_3.JPEG',
        'train/n01443537/n01443537_5.JPEG',
    )


def load(folder, text, **place):
    (folder / 'list.txt').write_text(text)
    place = dict(data_prefix='train', ann_file='list.txt') | place
    return ListedImages(data_root=str(folder), **place)


def test_reads_the_lists_of_simclr(folder):
    dataset = load(
        folder,
        'n01443537_5.JPEG\nsea_lion_3.JPEG\n\nn01440764_10183.JPEG\n',
    )
    assert dataset.CLASSES == ('n01440764', 'n01443537', 'sea_lion')
    assert dataset.get_gt_labels().tolist() == [1, 2, 0]
    paths = [dataset.get_data_info(i)['img_path'] for i in range(3)]
    assert paths[2] == f'{folder}/train/n01440764/n01440764_10183.JPEG'
    assert all(Path(path).is_file() for path in paths)
    # With one class listed the label is still its place among all.
    dataset = load(folder, 'sea_lion_3.JPEG')
    assert dataset.get_gt_labels().tolist() == [2]


@pytest.mark.parametrize(
    'text, place, message',
    [
        ('\n', {}, 'is empty'),
        ('n99_1.JPEG', {}, 'no folder of that name'),
        ('picture.JPEG', {}, "of the class ''"),
        ('sea_lion_4.JPEG', {}, 'the first image of'),
        ('', dict(ann_file='no.txt'), 'list of images .* does not exist'),
        ('n01440764_7.JPEG', dict(data_prefix='val'), 'folder of classes'),
    ],
)
def test_lists_that_do_not_fit(folder, text, place, message):
    with pytest.raises(InputError, match=message):
        load(folder, text, **place)

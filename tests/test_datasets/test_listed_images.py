from pathlib import Path

import pytest
from mmengine.registry import init_default_scope

from mmsca.datasets import ListedImages
from mmsca.utils.errors import InputError


@pytest.fixture
def folder(tmp_path):
    """Two classes of ImageNet and one whose name has a _."""
    for name in (
        'n01440764/n01440764_10183.JPEG',
        'n01440764/n01440764_7.JPEG',
        'sea_lion/sea_lion_3.JPEG',
        'n01443537/n01443537_5.JPEG',
    ):
        path = tmp_path / 'train' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    init_default_scope('mmpretrain')
    return tmp_path


def load(folder, text):
    Path(folder, 'list.txt').write_text(text)
    return ListedImages(
        data_root=str(folder), data_prefix='train', ann_file='list.txt'
    )


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


def test_labels_do_not_depend_on_the_list(folder):
    # With one class listed the label is still its place among all.
    dataset = load(folder, 'sea_lion_3.JPEG')
    assert dataset.get_gt_labels().tolist() == [2]


@pytest.mark.parametrize(
    'text, message',
    [
        ('\n', 'is empty'),
        ('n99_1.JPEG', 'no folder of that name'),
        ('picture.JPEG', "of the class ''"),
        ('sea_lion_4.JPEG', 'the first image of'),
    ],
)
def test_lists_that_do_not_fit(folder, text, message):
    with pytest.raises(InputError, match=message):
        load(folder, text)


def test_files_that_are_missing(folder):
    with pytest.raises(InputError, match='list of images .* does not exist'):
        ListedImages(
            data_root=str(folder), data_prefix='train', ann_file='no.txt'
        )
    Path(folder, 'list.txt').write_text('n01440764_7.JPEG')
    with pytest.raises(InputError, match='folder of classes'):
        ListedImages(
            data_root=str(folder), data_prefix='val', ann_file='list.txt'
        )

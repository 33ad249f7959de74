"""Splits and boxes of Tiny ImageNet, in the layout of its archive."""

import json

import pytest
from official_tiny_imagenet import write_tiny_imagenet

from mmsca.datasets import ClassFolders, COCOLocalization, ImageFolder
from mmsca.datasets.folder_splits import write_splits
from mmsca.utils.errors import InputError

VAL, TRAIN = 'val/val_annotations.txt', 'train/n01/n01_boxes.txt'


@pytest.fixture
def root(tiny_imagenet):
    return tiny_imagenet


def lines(root, name):
    return (root / 'splits' / name).read_text().splitlines()


def test_splits(root):
    """The last tenth of each class is val, the official val is test."""
    assert lines(root, 'classes.txt') == ['n01', 'n02', 'n03']
    assert lines(root, 'val.txt') == [
        f'train/n0{k}/images/n0{k}_{i}.JPEG {k - 1}'
        for k in (1, 2, 3)
        for i in (18, 19)
    ]
    # Classes of the annotations: n02, n01, n03, and again.
    assert lines(root, 'test.txt') == [
        f'val/images/val_{i}.JPEG {label}'
        for i, label in enumerate([1, 0, 2, 1, 0, 2])
    ]
    train = [line.split()[0] for line in lines(root, 'train.txt')]
    assert len(set(train)) == 54
    assert sorted(lines(root, 'train_images.txt')) == train


def test_boxes(root):
    """x1 and y1 become exclusive; widths and heights by hand."""
    content = json.loads((root / 'splits/boxes_test.json').read_text())
    assert [c['name'] for c in content['categories']] == ['n01', 'n02', 'n03']
    boxes = {a['image_id']: a for a in content['annotations']}
    found = {i['file_name']: boxes[i['id']] for i in content['images']}
    expected = {
        0: ([0, 8, 20, 33], 660, 2),
        1: ([30, 30, 4, 4], 16, 1),
        2: ([0, 0, 64, 64], 4096, 3),
    }
    for i, (box, area, category) in expected.items():
        annotation = found[f'val/images/val_{i}.JPEG']
        assert annotation['bbox'] == box
        assert annotation['area'] == area
        assert annotation['category_id'] == category
    for split, count in (('train', 54), ('val', 6), ('test', 6)):
        text = (root / f'splits/boxes_{split}.json').read_text()
        assert len(json.loads(text)['annotations']) == count


def test_data_sets_agree_on_labels(root):
    classes = 'splits/classes.txt'
    pretraining = ImageFolder(
        str(root), ann_file='splits/train_images.txt', pipeline=[]
    )
    assert len(pretraining) == 54
    listed = ClassFolders(
        str(root), classes=classes, ann_file='splits/test.txt', pipeline=[]
    )
    boxed = COCOLocalization(
        data_root=str(root), ann_file='splits/boxes_test.json', pipeline=[]
    )
    assert boxed.metainfo['classes'] == listed.metainfo['classes']
    labels = {
        s['img_path']: s['gt_label']
        for s in map(boxed.get_data_info, range(6))
    }
    for i in range(6):
        sample = listed.get_data_info(i)
        assert labels[sample['img_path']] == sample['gt_label']


@pytest.mark.parametrize(
    'file, old, new, message',
    [
        (VAL, 'n03', 'n04', 'annotations.*classes: 1: n04'),
        (VAL, '\t0\t8\t', '\t0\t', 'line 1: expected NAME WNID'),
        (VAL, '33\t33', '33\t20', 'line 2: .* y0 <= y1'),
        (VAL, None, None, "annotations.txt' is missing"),
        (TRAIN, '\t', ' ', "n01_boxes.txt', line 1: .*tabs"),
        (TRAIN, '_3', '_x', "n01_x.JPEG', which does not"),
        (TRAIN, None, None, "n01_boxes.txt' is missing"),
        ('wnids.txt', 'n03', 'n01', "wnids.txt' .* twice"),
        ('wnids.txt', 'n03', 'n05', "n05_boxes.txt' is missing"),
    ],
)
def test_says(file, old, new, message, tmp_path):
    root = write_tiny_imagenet(tmp_path, train=10, val=1)
    path = root / file
    if old is None:
        path.unlink()
    else:
        path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError, match=message):
        write_splits(root)
    assert not (root / 'splits').exists()

import json

import cv2
import numpy as np
import pytest
from annotation_files import coco_content, coco_object, voc_xml
from mmpretrain.registry import TRANSFORMS

from mmsca.datasets import (
    COCOLocalization,
    VOCLocalization,
    WSOLDataset,
    object_boxes,
)
from mmsca.utils.errors import InputError

RLE = dict(size=[30, 40], counts=[0, 30, 1170])  # the first column


def write_image(path, size=(40, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((size[1], size[0], 3), 9, dtype=np.uint8))


def box(*args, mask=None, **fields):
    """An object without a mask."""
    return coco_object(*args, segmentation=mask, **fields)


@pytest.fixture
def content():
    images = {
        7: ('b.jpg', 40, 30),
        3: ('sub/a.jpg', 30, 40),
        9: ('empty.jpg', 30, 40),
    }
    objects = [
        box(7, 18, [1, 2, 10, 5.5], mask=RLE),
        box(3, 5, [0, 0, 4, 4]),
        box(7, 5, [3, 3, 6, 6]),
        box(7, 18, [20, 2, 5, 5]),
        box(7, 18, [0, 0, 40, 30], mask=RLE, iscrowd=1),
        box(9, 5, [0, 0, 9, 9], iscrowd=1),
    ]
    return coco_content(images, {18: 'dog', 5: 'cup'}, objects)


@pytest.fixture
def coco(tmp_path, content):
    for name in ('b.jpg', 'sub/a.jpg', 'empty.jpg'):
        write_image(tmp_path / 'images' / name)

    def build(**kwargs):
        path = tmp_path / 'instances.json'
        path.write_text(json.dumps(content))
        return COCOLocalization(
            data_root=str(tmp_path),
            ann_file='instances.json',
            data_prefix='images',
            **kwargs,
        )

    return build


def rows(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [
        (
            info['img_path'].rsplit('/', 1)[1],
            info['gt_label'],
            info['ori_gt_bboxes'].tolist(),
            info['ori_size'],
        )
        for info in infos
    ]


def test_one_sample_per_image_and_class(coco):
    dataset = coco()
    assert dataset.metainfo['classes'] == ('cup', 'dog')
    assert rows(dataset) == [
        ('b.jpg', 0, [[3, 3, 9, 9]], (40, 30)),
        ('b.jpg', 1, [[1, 2, 11, 7.5], [20, 2, 25, 7]], (40, 30)),
        ('a.jpg', 0, [[0, 0, 4, 4]], (30, 40)),
    ]
    dog = dataset.get_data_info(1)
    assert dog['object_masks'] == []  # only one of two has a mask
    assert dog['ignored_masks'] == [RLE]


def test_one_sample_per_image_without_classes(coco):
    dataset = coco(class_agnostic=True)
    assert dataset.metainfo['classes'] == ('object',)
    assert rows(dataset) == [
        (
            'b.jpg',
            0,
            [[1, 2, 11, 7.5], [3, 3, 9, 9], [20, 2, 25, 7]],
            (40, 30),
        ),
        ('a.jpg', 0, [[0, 0, 4, 4]], (30, 40)),
    ]


def test_labels_are_places_in_the_list_of_the_config(coco):
    dataset = coco(metainfo=dict(classes=('cat', 'dog', 'cup')))
    assert [row[1] for row in rows(dataset)] == [1, 2, 2]
    with pytest.raises(InputError, match='unknown classes: 1: dog'):
        coco(metainfo=dict(classes=('cup', 'cow')))


def test_boxes_that_cover_nothing_are_left_out(coco, content, monkeypatch):
    said = []
    monkeypatch.setattr(object_boxes, 'print_log', lambda *x: said.append(x))
    content['annotations'] += [
        box(7, 18, [9, 9, 0, 5]),
        box(9, 18, [40, 3, 5, 5]),  # beside an image of 30 x 40
        box(9, 5, [9, 9, -5, -5]),
    ]
    dataset = coco()
    assert len(dataset) == 3
    assert rows(dataset)[1][2] == [[1, 2, 11, 7.5], [20, 2, 25, 7]]
    ((text, *_),) = said
    assert '3 boxes cover nothing' in text


def test_masks_count_only_if_all_have_one(coco, content):
    content['annotations'][3]['segmentation'] = RLE
    assert coco().get_data_info(1)['object_masks'] == [RLE, RLE]
    content['annotations'][4]['segmentation'] = []  # the crowd
    assert coco().get_data_info(1)['object_masks'] == []


def test_masks_of_the_file_reach_the_input(coco, content):
    content['annotations'][3]['segmentation'] = RLE
    dataset = coco(
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='Resize', scale=(20, 15), keep_ratio=False),
            dict(type='mmsca.LoadObjectMask'),
            dict(type='PackInputs', algorithm_keys=('gt_mask',)),
        ]
    )
    mask = dataset[1]['data_samples'].gt_mask
    expected = np.zeros((15, 20))
    expected[:, 0] = 1  # the crowd has the same pixels; the object counts
    assert (mask == expected).all()


def test_files_that_are_not_there_are_named(coco, content, tmp_path):
    content['images'][0]['file_name'] = 'elsewhere.jpg'
    with pytest.raises(InputError, match=r'elsewhere\.jpg.*data_prefix'):
        coco()
    content['images'][0]['file_name'] = 'b.jpg'
    content['annotations'] = content['annotations'][-1:]  # a crowd
    with pytest.raises(InputError, match='no image with a box'):
        coco()
    with pytest.raises(FileNotFoundError, match=r'none\.json'):
        COCOLocalization(data_root=str(tmp_path), ann_file='none.json')


def test_material_scenes_has_the_boxes_of_its_text_files(material_scenes):
    root = str(material_scenes)
    coco = COCOLocalization(
        data_root=root, ann_file='annotations/masks_test.json'
    )
    wsol = WSOLDataset(data_root=root, ann_file='metadata/test')
    assert rows(coco) == rows(wsol)
    image_type = TRANSFORMS.build(dict(type='mmsca.LoadImage'))
    load = TRANSFORMS.build(dict(type='mmsca.LoadObjectMask'))
    for i in range(len(coco)):
        results = load(image_type(coco.get_data_info(i)))
        ys, xs = np.nonzero(results['gt_mask'])
        box = [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
        assert results['ori_gt_bboxes'].tolist() == [box]


@pytest.fixture
def voc(tmp_path):
    objects = {
        '000007': [('dog', 1, 1, 40, 30), ('cat', 5, 6, 9, 10.5)],
        '000003': [('cat', 2, 2, 2, 2)],
    }
    (tmp_path / 'Annotations').mkdir()
    (tmp_path / 'ImageSets/Main').mkdir(parents=True)
    for name, items in objects.items():
        write_image(tmp_path / f'JPEGImages/{name}.jpg')
        text = voc_xml((40, 30), *items, difficult=1)
        (tmp_path / f'Annotations/{name}.xml').write_text(text)
    listed = tmp_path / 'ImageSets/Main/test.txt'
    listed.write_text('000007  1\n000003 -1\n')

    def build(**kwargs):
        return VOCLocalization(
            data_root=str(tmp_path),
            ann_file='ImageSets/Main/test.txt',
            **kwargs,
        )

    return build


def test_voc_counts_pixels_from_one(voc):
    dataset = voc()
    assert dataset.metainfo['classes'] == ('cat', 'dog')
    assert rows(dataset) == [
        ('000007.jpg', 0, [[4, 5, 9, 10.5]], (40, 30)),
        ('000007.jpg', 1, [[0, 0, 40, 30]], (40, 30)),  # the whole image
        ('000003.jpg', 0, [[1, 1, 2, 2]], (40, 30)),  # one pixel
    ]
    assert rows(voc(class_agnostic=True))[0][1:3] == (
        0,
        [[0, 0, 40, 30], [4, 5, 9, 10.5]],
    )
    labels = [
        row[1] for row in rows(voc(metainfo=dict(classes=('dog', 'cat'))))
    ]
    assert labels == [0, 1, 1]


def test_voc_names_what_is_wrong(voc, tmp_path):
    with pytest.raises(InputError, match='unknown classes: 1: cat'):
        voc(metainfo=dict(classes=('dog',)))
    xml = tmp_path / 'Annotations/000003.xml'
    for box in ((3, 2, 1, 2), (2, 3, 2, 2), (45, 2, 50, 2), (1, 2, 'nan', 2)):
        xml.write_text(voc_xml((40, 30), ('cat', *box)))
        with pytest.raises(InputError, match=r'000003\.xml.*covers nothing'):
            voc()
    xml.write_text(voc_xml(None))
    with pytest.raises(InputError, match=r'000003\.xml has no `size`'):
        voc()
    xml.write_text('<annotation>')
    with pytest.raises(InputError, match=r'000003\.xml is not'):
        voc()
    xml.unlink()
    with pytest.raises(InputError, match=r'000003\.xml cannot be read'):
        voc()
    (tmp_path / 'ImageSets/Main/test.txt').write_text('000007\n')
    (tmp_path / 'JPEGImages/000007.jpg').unlink()
    with pytest.raises(InputError, match=r'000007\.jpg.*1 of 1 images'):
        voc()
    (tmp_path / 'ImageSets/Main/test.txt').unlink()
    with pytest.raises(InputError, match=r'test\.txt does not exist'):
        voc()

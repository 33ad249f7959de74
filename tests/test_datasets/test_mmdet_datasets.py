from pathlib import Path

import pytest
from annotation_files import coco_object, voc_xml, write_coco
from mmengine.registry import init_default_scope

from mmsca.datasets.mmdet_datasets import check_usable
from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@pytest.fixture
def build_coco(touch):
    """Builds the data set of a file with one dog and one cup, no masks."""
    root = touch('a.jpg')
    objects = [
        coco_object(3, category, [0, 0, 9, 9], segmentation=None)
        for category in (18, 5)
    ]
    names = {5: 'cup', 18: 'dog'}
    write_coco(root / 'a.json', {3: ('a.jpg', 30, 40)}, names, objects)
    init_default_scope('mmdet')

    def build(*classes, **kwargs):
        return DATASETS.build(
            dict(
                type='mmsca.CocoInstances',
                data_root=str(root),
                ann_file='a.json',
                data_prefix=dict(img=''),
                metainfo=dict(classes=classes),
                **kwargs,
            )
        )

    return build


def labels(dataset):
    return [x['bbox_label'] for x in dataset.get_data_info(0)['instances']]


def test_coco_is_what_mmdet_builds(build_coco, tmp_path):
    from mmdet.datasets import CocoDataset

    dataset = build_coco('cup', 'dog')
    reference = CocoDataset(
        data_root=str(tmp_path),
        ann_file='a.json',
        data_prefix=dict(img=''),
        metainfo=dict(classes=('cup', 'dog')),
    )
    assert type(dataset) is CocoDataset
    assert dataset.get_data_info(0) == reference.get_data_info(0)
    assert dataset.metainfo == reference.metainfo
    assert labels(dataset) == [1, 0]
    assert labels(build_coco('dog')) == [0]  # categories may be left out


@pytest.mark.parametrize('classes', [('dog', 'cup'), ('cup', 'dog', 'cat')])
def test_classes_that_would_take_the_labels_of_others(build_coco, classes):
    with pytest.raises(InputError, match='in its order'):
        build_coco(*classes)


def test_masks_are_needed_where_the_pipeline_loads_them(build_coco):
    load = dict(type='LoadAnnotations', with_bbox=True, with_mask=True)
    with pytest.raises(InputError, match="has no 'segmentation'"):
        build_coco('cup', 'dog', pipeline=[load])


def test_what_is_left_out_is_counted(monkeypatch):
    said = []
    monkeypatch.setitem(
        check_usable.__globals__, 'print_log', lambda *x: said.append(x)
    )
    whole = coco_object(3, 5, [0, 0, 9, 9])
    crowd, flat = dict(whole, iscrowd=1), dict(whole, bbox=[5, 5, 0, 9])
    for annotations in ([whole, crowd], [whole, flat]):
        check_usable(dict(annotations=annotations), Path('a.json'))
    ((text, *_),) = said
    assert '0 of 2 annotations are crowds, 1 have no area' in text
    with pytest.raises(InputError, match='Nothing is left to learn'):
        check_usable(dict(annotations=[crowd, flat]), Path('a.json'))


@pytest.fixture
def build_voc(touch):
    """Builds the data set of one image with one object."""
    root = touch('JPEGImages/1.jpg', 'Annotations/1.xml')
    (root / 'list.txt').write_text('1\n')
    init_default_scope('mmdet')

    def build(name, xmin=1):
        text = voc_xml((40, 30), (name, xmin, 2, 9, 8))
        (root / 'Annotations/1.xml').write_text(text)
        return DATASETS.build(
            dict(
                type='mmsca.VOCObjects',
                data_root=str(root),
                ann_file='list.txt',
                data_prefix=dict(sub_data_root=''),
            )
        )

    return build


def test_voc_is_what_mmdet_builds(build_voc):
    (instance,) = build_voc('bird').get_data_info(0)['instances']
    assert instance == dict(bbox=[0, 1, 8, 7], bbox_label=2, ignore_flag=0)


def test_voc_that_mmdet_would_drop_or_find_late(build_voc, tmp_path):
    with pytest.raises(InputError, match=r'1\.xml.*brid.*meant to be bird'):
        build_voc('brid')
    with pytest.raises(InputError, match=r'1\.xml.*box 10, 2, 9, 8'):
        build_voc('bird', xmin=10)
    (tmp_path / 'JPEGImages/1.jpg').unlink()
    with pytest.raises(InputError, match=r'1\.jpg.*1 of 1 images'):
        build_voc('bird')

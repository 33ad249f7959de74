from pathlib import Path

import pytest
from annotation_files import coco_object, write_coco
from mmengine.registry import init_default_scope

from mmsca.datasets.mmdet_datasets import check_usable
from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@pytest.fixture
def build(touch):
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


def test_is_what_mmdet_builds(build, tmp_path):
    from mmdet.datasets import CocoDataset

    dataset = build('cup', 'dog')
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
    assert labels(build('dog')) == [0]  # categories may be left out


@pytest.mark.parametrize('classes', [('dog', 'cup'), ('cup', 'dog', 'cat')])
def test_classes_that_would_take_the_labels_of_others(build, classes):
    with pytest.raises(InputError, match='in its order'):
        build(*classes)


def test_masks_are_needed_where_the_pipeline_loads_them(build):
    load = dict(type='LoadAnnotations', with_bbox=True, with_mask=True)
    with pytest.raises(InputError, match="has no 'segmentation'"):
        build('cup', 'dog', pipeline=[load])


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

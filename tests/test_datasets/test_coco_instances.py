import json
from pathlib import Path

import pytest
from mmengine.registry import init_default_scope

from mmsca.datasets.mmdet_datasets import check_usable
from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@pytest.fixture
def build(tmp_path):
    """Builds the data set of a file with one dog and one cup."""
    (tmp_path / 'a.jpg').touch()
    content = dict(
        images=[dict(id=3, file_name='a.jpg', width=30, height=40)],
        categories=[dict(id=5, name='cup'), dict(id=18, name='dog')],
        annotations=[
            dict(
                id=i,
                image_id=3,
                category_id=category,
                bbox=[0, 0, 9, 9],
                area=81,
            )
            for i, category in enumerate((18, 5))
        ],
    )
    (tmp_path / 'a.json').write_text(json.dumps(content))
    init_default_scope('mmdet')

    def build(*classes, **kwargs):
        return DATASETS.build(
            dict(
                type='mmsca.CocoInstances',
                data_root=str(tmp_path),
                ann_file='a.json',
                data_prefix=dict(img=''),
                metainfo=dict(classes=classes),
                **kwargs,
            )
        )

    yield build
    init_default_scope('mmpretrain')


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


def test_categories_may_be_left_out(build):
    assert labels(build('dog')) == [0]


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
        check_usable.__globals__,
        'print_log',
        lambda text, *_: said.append(text),
    )
    whole = dict(bbox=[0, 0, 9, 9], area=81)
    crowd, flat = dict(whole, iscrowd=1), dict(whole, bbox=[5, 5, 0, 9])
    for annotations in ([whole, crowd], [whole, flat]):
        check_usable(dict(annotations=annotations), Path('a.json'))
    (text,) = said
    assert '0 of 2 annotations are crowds, 1 have no area' in text
    with pytest.raises(InputError, match='Nothing is left to learn'):
        check_usable(dict(annotations=[crowd, flat]), Path('a.json'))

import json
from copy import deepcopy

import pytest
from annotation_files import coco_content, coco_object

from mmsca.datasets.coco_file import BOX, MASK, OBJECT, check_coco, read_coco
from mmsca.utils.errors import InputError

CONTENT = coco_content(
    {7: ('b.jpg', 40, 30), 3: ('sub/a.jpg', 30, 40)},
    {18: 'dog', 5: 'cup'},
    3 * [coco_object(3, 5, [0, 0, 9, 9])],
)
NAN = float('nan')


@pytest.fixture
def folder(touch):
    return touch('b.jpg', 'sub/a.jpg')


def check(key, change, folder, fields=MASK):
    content = deepcopy(CONTENT)
    change(content[key])
    check_coco(content, folder / 'instances.json', fields, folder)


def put(index, **fields):
    return lambda entries: entries[index].update(fields)


def drop(index, field):
    return lambda entries: entries[index].pop(field)


@pytest.mark.parametrize(
    'key, change, message',
    [
        ('categories', drop(1, 'name'), r"categories\[1\] \(id 5\) .*'name'"),
        ('categories', put(1, name='dog'), "'name' that another one has"),
        ('categories', put(1, id=18), "'id' that another one has"),
        ('categories', put(0, id='18'), "'id', an integer: it has '18'"),
        ('images', drop(1, 'file_name'), r'images\[1\] \(id 3\).*file_name'),
        ('images', drop(1, 'width'), r"\(id 3\) has no 'width'"),
        ('images', put(1, height=0), r"\(id 3\) has no 'height'.*it has 0"),
        ('images', put(1, id=7), "'id' that another one has"),
        ('images', put(1, id='3'), "'id', an integer"),
        ('images', put(1, file_name='c.jpg'), r'c\.jpg.*\(id 3\).*1 of 2'),
        ('images', put(1, file_name='no/a.jpg'), r'no/a\.jpg.*1 of 2'),
        ('annotations', drop(2, 'id'), r"annotations\[2\] .* has no 'id'"),
        ('annotations', put(2, id=100), r'\(id 100\) .* another one has'),
        ('annotations', put(2, id='x'), "'id', an integer"),
        ('annotations', put(2, image_id=8), "id 102.*no id of 'images'"),
        ('annotations', put(2, category_id=8), "id 102.*of 'categories'"),
        ('annotations', put(2, category_id='5'), "'category_id', an integer"),
        ('annotations', put(2, bbox=[1, 2, 3]), r"'bbox'.*\[1, 2, 3\]"),
        ('annotations', put(2, bbox=[0, 0, 9, NAN]), "id 102.*'bbox'"),
        ('annotations', put(2, bbox=None), "id 102.*'bbox'"),
        ('annotations', drop(2, 'area'), "id 102.*'area'"),
        ('annotations', put(2, segmentation=[]), "id 102.*'segmentation'"),
        ('annotations', put(2, segmentation=dict()), "id 102.*'segmentation'"),
        ('annotations', put(2, segmentation=[[1, 2]]), "id 102.*'segmentat"),
        ('annotations', lambda a: a.append(None), r'annotations\[3\] is None'),
    ],
)
def test_the_entry_at_fault_is_named(key, change, message, folder):
    with pytest.raises(InputError, match=message) as error:
        check(key, change, folder)
    assert 'instances.json' in str(error.value)


def test_all_of_a_kind_are_counted(folder):
    def change(annotations):
        for annotation in annotations:
            annotation['segmentation'] = []

    with pytest.raises(InputError, match='3 of 3 are like that'):
        check('annotations', change, folder)
    check('annotations', change, folder, BOX)  # boxes need no masks


@pytest.mark.parametrize(
    'fields',
    [
        dict(bbox=[3, 3, 0, -2], area=0),  # degenerate
        dict(iscrowd=1, segmentation=dict(counts='', size=[40, 30])),
        dict(id=102.0),  # as pandas writes it
    ],
)
def test_what_training_takes_passes(fields, folder):
    check('annotations', put(2, **fields), folder)
    # Localization needs no ids of annotations.
    check('annotations', drop(2, 'id'), folder, OBJECT)


@pytest.mark.parametrize(
    'text, message',
    [
        ('[1', 'is not a JSON file'),
        ('[]', "no list 'images'"),
        (json.dumps(CONTENT | dict(annotations={})), "no list 'annotations'"),
        (json.dumps(CONTENT | dict(categories=3)), "no list 'categories'"),
    ],
)
def test_another_format_is_named(text, message, tmp_path):
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(InputError, match=message):
        read_coco(tmp_path / 'a.json')

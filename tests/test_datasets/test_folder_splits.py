import json

import numpy as np
import pytest
from PIL import Image

from mmsca.datasets.folder_splits import write_splits
from mmsca.utils.errors import InputError

XML = (
    '<annotation><size><width>8</width><height>6</height></size><object>'
    '<name>cat</name><bndbox><xmin>2</xmin><ymin>1</ymin><xmax>5</xmax>'
    '<ymax>6</ymax></bndbox></object></annotation>'
)


@pytest.fixture
def make(tmp_path):
    """Makes images of 8 x 6 px at these paths below a folder."""

    def write(names):
        for name in names:
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.zeros((6, 8, 3), np.uint8)).save(file)
        return tmp_path

    return write


def lists(root):
    found = {}
    for split in ('train', 'val', 'test'):
        lines = (root / f'splits/{split}.txt').read_text().splitlines()
        found[split] = dict(line.rsplit(' ', 1) for line in lines if line)
    return found


def test_class_folders_without_splits(make):
    names = [f'{c}/{i:02}.png' for c in ('cat', 'a dog') for i in range(20)]
    root = make(names)
    write_splits(root)
    assert (root / 'splits/classes.txt').read_text() == 'a dog\ncat\n'
    found = lists(root)
    assert {s: len(part) for s, part in found.items()} == dict(
        train=28, val=4, test=8
    )
    together = [name for part in found.values() for name in part]
    assert sorted(together) == sorted(names)
    for name, label in {**found['train'], **found['test']}.items():
        assert label == str(int(name.startswith('cat')))
    # The same again, another by another seed.
    write_splits(root)
    assert lists(root) == found
    write_splits(root, seed=1)
    assert lists(root) != found


def test_another_image_moves_few(make):
    root = make([f'cat/{i:02}.png' for i in range(40)])
    write_splits(root)
    before = lists(root)['test']
    make(['cat/new.png'])
    write_splits(root)
    assert len(set(before) - set(lists(root)['test'])) <= 1


@pytest.mark.parametrize(
    'given, expected',
    [
        (['train'], dict(train=7, val=1, test=2)),
        (['train', 'val'], dict(train=9, val=1, test=10)),
        (['train', 'test'], dict(train=9, val=1, test=10)),
        (['train', 'val', 'test'], dict(train=10, val=10, test=10)),
    ],
)
def test_splits_that_are_there(make, given, expected):
    root = make([f'{s}/cat/{s}{i}.png' for s in given for i in range(10)])
    write_splits(root)
    found = lists(root)
    assert {s: len(part) for s, part in found.items()} == expected
    tested = 'val' if given == ['train', 'val'] else 'test'
    if len(given) > 1:
        assert all(name.startswith(tested) for name in found['test'])


def test_a_split_may_lack_a_class(make):
    root = make(['train/cat/1.png', 'train/dog/1.png', 'test/dog/2.png'])
    write_splits(root)
    assert lists(root)['test'] == {'test/dog/2.png': '1'}


@pytest.mark.parametrize('form', ['csv', 'voc', 'coco'])
def test_boxes(make, form):
    names = [f'cat/{i}.png' for i in range(10)]
    root = make(names)
    if form == 'csv':
        lines = [f'{name},cat,1,0,5,6' for name in names]
        text = '\n'.join(['file,class,x0,y0,x1,y1', *lines])
        (root / 'boxes.csv').write_text(text)
    elif form == 'voc':
        (root / 'Annotations').mkdir()
        for i in range(10):
            (root / f'Annotations/{i}.xml').write_text(XML)
    else:
        images = [
            dict(id=i, file_name=name, width=8, height=6)
            for i, name in enumerate(names)
        ]
        boxes = [
            dict(id=i, image_id=i, category_id=3, bbox=[1, 0, 4, 6], area=24)
            for i in range(10)
        ]
        content = dict(
            images=images,
            annotations=boxes,
            categories=[dict(id=3, name='cat')],
        )
        (root / 'boxes.json').write_text(json.dumps(content))
    write_splits(root)
    for split, part in lists(root).items():
        file = root / f'splits/boxes_{split}.json'
        content = json.loads(file.read_text())
        assert {i['file_name'] for i in content['images']} == set(part)
        assert [c['name'] for c in content['categories']] == ['cat']
        assert len(content['annotations']) == len(part)
        for image in content['images']:
            assert (image['width'], image['height']) == (8, 6)
        for box in content['annotations']:
            assert box['bbox'] == [1, 0, 4, 6]


def test_boxes_without_classes(make):
    names = [f'{i}.png' for i in range(10)]
    root = make(names)
    lines = [f'{name},cat,1,0,5,6' for name in names]
    text = '\n'.join(['file,class,x0,y0,x1,y1', *lines])
    (root / 'boxes.csv').write_text(text)
    assert write_splits(root) == [
        f'boxes_{split}.json' for split in ('train', 'val', 'test')
    ]


@pytest.mark.parametrize(
    'text, message',
    [
        ('name,x0\n', 'Expected file,class,x0,y0,x1,y1'),
        ('file,class,x0,y0,x1,y1\ncat/0.png,cat,5,0,1,6\n', 'line 2: the box'),
        ('file,class,x0,y0,x1,y1\ncat/0.png,cat,a,0,1,6\n', 'line 2: could'),
        ('file,class,x0,y0,x1,y1\ncat/9.png,cat,0,0,1,6\n', "'cat/9.png'"),
        ('file,class,x0,y0,x1,y1\ncat/0.png,cat,0,0,1,6\n', 'split train|val'),
    ],
)
def test_bad_boxes(make, text, message):
    root = make(['cat/0.png', 'cat/1.png', 'cat/2.png', 'cat/3.png'])
    (root / 'boxes.csv').write_text(text)
    with pytest.raises(InputError, match=message):
        write_splits(root)


def test_images_alone(make):
    root = make(['a.png', 'b.png'])
    with pytest.raises(InputError, match='neither class folders nor boxes'):
        write_splits(root)

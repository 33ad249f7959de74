import json

import pytest
from annotation_files import coco_object, voc_xml, write_coco
from PIL import Image

from mmsca.datasets.folder_splits import write_splits
from mmsca.utils.errors import InputError

HEAD = 'file,class,x0,y0,x1,y1\n'
CATS = [f'cat/{i}.png' for i in range(10)]


@pytest.fixture
def make(touch):
    """Makes images of 8 x 6 px at these paths below a folder."""

    def write(names):
        root = touch(*names)
        for name in names:
            Image.new('RGB', (8, 6)).save(root / name)
        return root

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


def write_csv(root, names=CATS):
    lines = [f'{name},cat,1,0,5,6\n' for name in names]
    (root / 'boxes.csv').write_text(''.join([HEAD, *lines]))


def write_voc(root):
    (root / 'Annotations').mkdir()
    for i in range(10):
        text = voc_xml((8, 6), ('cat', 2, 1, 5, 6))
        (root / f'Annotations/{i}.xml').write_text(text)


def write_json(root):
    images = {i: (name, 8, 6) for i, name in enumerate(CATS)}
    objects = [coco_object(i, 3, [1, 0, 4, 6]) for i in range(10)]
    write_coco(root / 'boxes.json', images, {3: 'cat'}, objects)


@pytest.mark.parametrize('write', [write_csv, write_voc, write_json])
def test_boxes(make, write):
    root = make(CATS)
    write(root)
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
    write_csv(root, names)
    assert write_splits(root) == [
        f'boxes_{split}.json' for split in ('train', 'val', 'test')
    ]


@pytest.mark.parametrize(
    'text, message',
    [
        ('name,x0\n', 'Expected file,class,x0,y0,x1,y1'),
        (f'{HEAD}cat/0.png,cat,5,0,1,6\n', 'line 2: the box'),
        (f'{HEAD}cat/0.png,cat,a,0,1,6\n', 'line 2: could'),
        (f'{HEAD}cat/9.png,cat,0,0,1,6\n', "'cat/9.png'"),
        (f'{HEAD}cat/0.png,cat,0,0,1,6\n', 'split train|val'),
    ],
)
def test_bad_boxes(make, text, message):
    root = make(CATS[:4])
    (root / 'boxes.csv').write_text(text)
    with pytest.raises(InputError, match=message):
        write_splits(root)


def test_images_alone(make):
    root = make(['a.png', 'b.png'])
    with pytest.raises(InputError, match='neither class folders nor boxes'):
        write_splits(root)

import pytest

from mmsca.datasets import ClassFolders, class_folders
from mmsca.datasets.classes import class_names, refuse_other_classes
from mmsca.utils.errors import InputError


@pytest.fixture
def root(touch):
    """Three classes in train; the first of them is not in test."""
    return touch(
        'train/cat/1.png',
        'train/cat/sub/0.png',
        'train/cow/2.jpg',
        'train/dog/3.png',
        'train/.hidden/4.png',
        'train/__MACOSX/4.png',
        'test/dog/6.png',
        'test/cow/5.png',
        'test/dog/notes.txt',
    )


def rows(dataset, root):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [
        (info['img_path'].removeprefix(f'{root}/'), info['gt_label'])
        for info in infos
    ]


def test_labels_are_those_of_train_in_every_split(root, monkeypatch):
    said = []
    monkeypatch.setattr(class_folders, 'print_log', lambda *x: said.append(x))
    train = ClassFolders(str(root), 'train')
    assert rows(train, root) == [
        ('train/cat/1.png', 0),
        ('train/cat/sub/0.png', 0),
        ('train/cow/2.jpg', 1),
        ('train/dog/3.png', 2),
    ]
    test = ClassFolders(str(root), 'test', classes='train')
    assert rows(test, root) == [('test/cow/5.png', 1), ('test/dog/6.png', 2)]
    assert test.metainfo['classes'] == ('cat', 'cow', 'dog')
    refuse_other_classes(train=train, test=test)
    ((text, *_),) = said
    assert 'shows 2 of 3 classes. Without an image: cat.' in text


def test_names_or_a_file_may_say_the_classes(root):
    names = ('dog', 'cow')
    assert rows(ClassFolders(str(root), 'test', classes=names), root) == [
        ('test/dog/6.png', 0),
        ('test/cow/5.png', 1),
    ]
    (root / 'names.txt').write_text('dog\n\ncow\n')
    dataset = ClassFolders(str(root), 'test', classes='names.txt')
    assert dataset.metainfo['classes'] == names


def test_splits_of_other_classes_are_refused(root):
    train = ClassFolders(str(root), 'train')
    test = ClassFolders(str(root), 'test')  # numbers its own folders
    with pytest.raises(InputError, match='mean one thing in a.*another in b'):
        refuse_other_classes(a=train, b=test)
    (root / 'test/cow').rename(root / 'test/cwo')
    with pytest.raises(InputError, match='cwo.*Is cwo meant to be cow'):
        ClassFolders(str(root), 'test', classes='train')


def test_a_list_of_images_in_no_class_folder(root, touch):
    touch('flat/a b.png')

    def build(text):
        (root / 'list.txt').write_text(text)
        return ClassFolders(
            str(root), 'flat', classes='train', ann_file='list.txt'
        )

    assert rows(build('a b.png 2\n'), root) == [('flat/a b.png', 2)]
    for text in ('a b.png 3', 'a b.png -1', 'a.png'):
        with pytest.raises(InputError, match='a label from 0 to 2'):
            build(text)
    with pytest.raises(InputError, match='the first image of'):
        build('c.png 0')


def test_what_is_missing_is_named(root):
    with pytest.raises(InputError, match="'.*/gone' cannot be read"):
        ClassFolders(str(root), 'gone')
    with pytest.raises(InputError, match="gone', which `classes`"):
        ClassFolders(str(root), 'test', classes='gone')
    (root / 'test/cow/5.png').unlink()
    (root / 'test/dog/6.png').unlink()
    with pytest.raises(InputError, match=r'holds no image.*\.png'):
        ClassFolders(str(root), 'test')
    (root / 'names.txt').write_text('dog\ndog\n')
    with pytest.raises(InputError, match='has a name twice'):
        class_names(root / 'names.txt')
    (root / 'alone').mkdir()
    with pytest.raises(InputError, match='no folder in it'):
        ClassFolders(str(root), 'alone')

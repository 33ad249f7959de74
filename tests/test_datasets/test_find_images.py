import pytest
from PIL import Image, features

from mmsca.datasets.find_images import (
    IMAGE_EXTENSIONS,
    FileCounts,
    by_kind,
    find_images,
)
from mmsca.utils.errors import InputError


def test_pillow_reads_what_is_listed():
    Image.init()
    read = {e for e, name in Image.EXTENSION.items() if name in Image.OPEN}
    missing = set() if features.check('avif') else {'.avif'}
    assert set(IMAGE_EXTENSIONS) - read == missing
    assert all(e == e.lower() for e in IMAGE_EXTENSIONS)


def test_names_are_sorted_as_strings_are(touch):
    # Characters below and above the slash, next to a folder's name.
    files = [
        'a/z.jpg', 'a-1.jpg', 'a.jpg', 'a0.jpg', 'a/b/c.jpg', 'a/b-.jpg',
        'a b/x.PNG', 'é/1.jpg', 'Z/1.webp', 'a.jpg.d/1.GIF', 'b.TIFF',
    ]  # fmt: skip
    root = touch(*files, 'notes.txt', 'jpg')
    assert list(find_images(root)) == sorted(files)
    few = ('.jpg', '.png')
    expected = [f for f in sorted(files) if f.lower().endswith(few)]
    assert list(find_images(root, few)) == expected


def test_litter_is_passed_over(touch):
    root = touch(
        'a/1.jpg', 'a/._1.jpg', 'a/.hidden.jpg', '.b/1.jpg', '.jpg',
        '__MACOSX/a/1.jpg', 'a/__MACOSX/1.jpg', 'a/@eaDir/1.jpg',
        'Thumbs.db', '.DS_Store',
    )  # fmt: skip
    counts = FileCounts()
    assert list(find_images(root, counts=counts)) == ['a/1.jpg']
    assert counts.left == {'hidden': 9}


def test_links_are_followed_but_not_in_circles(touch, tmp_path):
    root = touch('elsewhere/1.jpg', 'root/a/2.jpg') / 'root'
    links = {
        'folder': tmp_path / 'elsewhere',
        'again': root / 'a',
        'file.jpg': tmp_path / 'elsewhere/1.jpg',
        'gone.jpg': tmp_path / 'nowhere.jpg',
        'itself': root / 'itself',
        'itself.jpg': root / 'itself.jpg',
        'a/up': root,
        '../elsewhere/back': root,
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    counts = FileCounts()
    assert list(find_images(root, counts=counts)) == [
        'a/2.jpg',
        'again/2.jpg',
        'file.jpg',
        'folder/1.jpg',
    ]
    assert counts.left == {'broken links': 3, 'loops of links': 3}


def test_counts_by_ending(touch):
    root = touch('a.jpg', 'b.JPG', 'c/d.png', 'e.mp4', 'README', '.f')
    counts = FileCounts()
    list(find_images(root, counts=counts))
    assert str(counts).startswith('3 images (2 .jpg, 1 .png), left out: 1 ')
    assert counts.left == {'.mp4': 1, 'without ending': 1, 'hidden': 1}
    counts.left.update({'.mp4': 5, '.a': 4})
    assert by_kind(counts.left, most=2) == '6 .mp4, 4 .a, 2 others'


def test_a_folder_without_images(touch):
    root, counts = touch('a/notes.txt'), FileCounts()
    list(find_images(root, counts=counts))
    with pytest.raises(InputError, match='no image.*left out: 1 .txt. Known'):
        counts.report(root)
    with pytest.raises(InputError, match='gone. cannot be listed .No such'):
        list(find_images(root / 'gone'))

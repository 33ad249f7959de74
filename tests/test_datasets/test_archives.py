"""Small copies of the official archives become folders that configs read."""

import hashlib
import json
import pickle
import tarfile
import zipfile
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmpretrain.registry import DATASETS
from official_tiny_imagenet import write_tiny_imagenet
from PIL import Image
from torchvision.datasets import CIFAR10, CIFAR100, STL10

from mmsca.apis.prepare_data import prepare_data
from mmsca.datasets.archives import prepare
from mmsca.utils.errors import InputError

CLASSES = ['ant', 'bee', 'cat']
CONFIGS = Path(__file__).parents[2] / 'configs'


def noise(count, size, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, size, size, 3), np.uint8)


def pack(folder, archive):
    """A tar or zip file of a folder, by the ending."""
    if archive.suffix == '.zip':
        with zipfile.ZipFile(archive, 'w') as file:
            for path in folder.rglob('*'):
                file.write(path, path.relative_to(folder.parent))
    else:
        with tarfile.open(archive, 'w:gz') as file:
            file.add(folder, folder.name)
    return archive


def official(monkeypatch, kind, folder):
    """Let the digests of these files be the official ones."""

    def digest(name):
        return hashlib.md5((folder / name).read_bytes()).hexdigest()

    for lists in ('train_list', 'test_list'):
        names = [name for name, _ in getattr(kind, lists)]
        monkeypatch.setattr(kind, lists, [[n, digest(n)] for n in names])
    if hasattr(kind, 'meta'):
        meta = dict(kind.meta, md5=digest(kind.meta['filename']))
        monkeypatch.setattr(kind, 'meta', meta)


def cifar(tmp_path, monkeypatch, kind, labels):
    folder = tmp_path / kind.base_folder
    folder.mkdir()
    batches = [name for name, _ in kind.train_list + kind.test_list]
    for seed, name in enumerate(batches):
        pixels = noise(12, 32, seed).transpose(0, 3, 1, 2).reshape(12, -1)
        batch = {'data': pixels, labels: [i % 3 for i in range(12)]}
        (folder / name).write_bytes(pickle.dumps(batch))
    meta = {kind.meta['key']: CLASSES}
    (folder / kind.meta['filename']).write_bytes(pickle.dumps(meta))
    official(monkeypatch, kind, folder)
    return pack(folder, tmp_path / 'cifar.tar.gz')


def stl10(tmp_path, monkeypatch):
    folder = tmp_path / 'stl10_binary'
    folder.mkdir()
    counts = dict(train=30, test=6, unlabeled=5)
    for seed, (split, count) in enumerate(counts.items()):
        # Columns first, as the authors have it.
        pixels = noise(count, 96, seed).transpose(0, 3, 2, 1)
        (folder / f'{split}_X.bin').write_bytes(pixels.tobytes())
        labels = np.arange(count, dtype=np.uint8) % 3 + 1
        (folder / f'{split}_y.bin').write_bytes(labels.tobytes())
    (folder / 'class_names.txt').write_text('\n'.join(CLASSES) + '\n')
    official(monkeypatch, STL10, folder)
    return pack(folder, tmp_path / 'stl10.tar.gz')


def cub200(tmp_path, _):
    folder = tmp_path / 'CUB_200_2011'
    lines = defaultdict(list)
    for i in range(36):
        label, name = i % 3, f'{i % 3 + 1:03}.{CLASSES[i % 3]}/{i}.jpg'
        path = folder / 'images' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise(1, 40, i)[0]).save(path)
        lines['images'].append(name)
        lines['image_class_labels'].append(label + 1)
        lines['train_test_split'].append(int(i < 30))
        lines['bounding_boxes'].append('4.0 6.0 20.0 10.0')
    for name, rows in lines.items():
        text = ''.join(f'{i} {row}\n' for i, row in enumerate(rows, 1))
        (folder / f'{name}.txt').write_text(text)
    text = ''.join(f'{i} 00{i}.{c}\n' for i, c in enumerate(CLASSES, 1))
    (folder / 'classes.txt').write_text(text)
    return pack(folder, tmp_path / 'CUB_200_2011.tgz')


def tinyimagenet(tmp_path, _):
    folder = write_tiny_imagenet(tmp_path / 'tiny-imagenet-200')
    return pack(folder, tmp_path / 'tiny-imagenet-200.zip')


def imagenet100(tmp_path, _):
    folder = tmp_path / 'imagenet'
    names = files('mmsca.datasets.archives') / 'imagenet100.txt'
    image = Image.fromarray(noise(1, 8)[0])
    for name in [*names.read_text().split(), 'n00000000']:
        for split, count in dict(train=2, val=1).items():
            (folder / split / name).mkdir(parents=True)
            for i in range(count):
                image.save(folder / split / name / f'{i}.JPEG')
    return folder


SOURCES = dict(
    cifar10=lambda *to: cifar(*to, CIFAR10, 'labels'),
    cifar100=lambda *to: cifar(*to, CIFAR100, 'fine_labels'),
    stl10=stl10,
    cub200=cub200,
    tinyimagenet=tinyimagenet,
    imagenet100=imagenet100,
)
# Images of train, val, test, and to pretrain on: a tenth becomes val.
COUNTS = dict(
    cifar10=(54, 6, 12, 54),
    cifar100=(9, 3, 12, 9),
    stl10=(27, 3, 6, 32),
    cub200=(27, 3, 6, 27),
    tinyimagenet=(54, 6, 6, 54),
    imagenet100=(200, 0, 100, 200),
)


@pytest.mark.parametrize('name', SOURCES)
def test_archives(name, tmp_path, monkeypatch):
    """Splits, and that the configs of the data set read them."""
    source = SOURCES[name](tmp_path, monkeypatch)
    folder = tmp_path / 'data' / name
    prepare_data([name, str(source), '--to', str(folder)])
    found = [
        len((folder / f'splits/{file}.txt').read_text().split())
        for file in ('train', 'val', 'test', 'train_images')
    ]
    labelled = [count // 2 for count in found[:3]]  # a name and a label
    assert (*labelled, found[3]) == COUNTS[name]
    assert [p.name for p in folder.parent.iterdir()] == [name]

    monkeypatch.chdir(tmp_path)
    paths = [f'sca/swav_sca_r18_{name}.py']
    paths.append(f'classification/r18_linear_{name}.py')
    sizes = []
    for path in paths:
        cfg = Config.fromfile(CONFIGS / path)
        data = dict(cfg.train_dataloader.dataset, _scope_='mmpretrain')
        sizes.append(len(DATASETS.build(data)))
    if name != 'cifar10':  # whose configs have no val split
        assert sizes == [COUNTS[name][3], COUNTS[name][0]]


def test_pixels_and_labels_stay(tmp_path, monkeypatch):
    source = SOURCES['cifar100'](tmp_path, monkeypatch)
    prepare('cifar100', source, tmp_path / 'data')
    expected = noise(12, 32)
    for i in range(12):
        path = tmp_path / 'data/train' / CLASSES[i % 3] / f'{i:06}.png'
        np.testing.assert_array_equal(np.array(Image.open(path)), expected[i])


@pytest.mark.parametrize(
    'name, folder',
    [
        ('stl10', 'stl10_binary'),
        ('cub200', 'CUB_200_2011'),
        ('cub200', '.'),
    ],
)
def test_a_folder_will_do(name, folder, tmp_path, monkeypatch):
    source = SOURCES[name](tmp_path, monkeypatch)
    source.unlink()
    prepare(name, tmp_path / folder, tmp_path / 'data')
    assert (tmp_path / 'data/splits/train.txt').is_file()


def test_boxes_of_birds(tmp_path):
    prepare('cub200', cub200(tmp_path, None), tmp_path / 'data')
    text = (tmp_path / 'data/splits/boxes_test.json').read_text()
    assert [a['bbox'] for a in json.loads(text)['annotations']] == [
        [4.0, 6.0, 20.0, 10.0]
    ] * 6


@pytest.mark.parametrize(
    'name, spoil, message',
    [
        ('cifar10', 'missing', 'does not exist. Expected cifar-10-python'),
        ('cifar10', 'digest', 'another MD5 digest'),
        ('stl10', 'cut', 'cannot be unpacked'),
        ('cub200', 'foreign', 'has no train_test_split.txt'),
        ('cub200', 'there', 'exists. Remove it'),
    ],
)
def test_says(name, spoil, message, tmp_path, monkeypatch):
    """A sentence, and nothing half-written."""
    source, folder = tmp_path / 'none.tgz', tmp_path / 'data/x'
    folder.parent.mkdir()
    if spoil != 'missing':
        source = SOURCES[name](tmp_path, monkeypatch)
    if spoil == 'digest':
        monkeypatch.undo()
    elif spoil == 'cut':
        source.write_bytes(source.read_bytes()[:2000])
    elif spoil == 'foreign':
        source = folder.parent
    elif spoil == 'there':
        folder.mkdir()
    before = list(folder.parent.iterdir())
    with pytest.raises(InputError, match=message):
        prepare(name, source, folder)
    assert list(folder.parent.iterdir()) == before

import shutil
import sys

import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from PIL import Image
from small_runs import load_config

from mmsca.apis.extract_features import extract, images_below
from mmsca.apis.images import Images
from mmsca.apis.knn import build_model
from mmsca.datasets.find_images import IMAGE_EXTENSIONS
from mmsca.datasets.listing import names_text
from mmsca.models.features import extract_features
from mmsca.utils.errors import InputError

LINEAR = 'classification/r18_linear_materials'


def run(folder, out, workers=0):
    extract(
        [
            *(LINEAR, 'none', str(folder), str(out), '--cfg-options'),
            f'test_dataloader.num_workers={workers}',
            'test_dataloader.batch_size=6',
        ]
    )


@pytest.fixture(scope='module')
def found(material_scenes, tmp_path_factory):
    """Features (20, 128) of the test images, and their names."""
    file = tmp_path_factory.mktemp('features') / 'features.npz'
    run(material_scenes / 'test', file)
    content = np.load(file)
    return content['features'], content['files'].tolist()


def test_features_are_those_of_the_neighbours(found, material_scenes):
    features, files = found
    assert (features.shape, features.dtype) == ((20, 128), np.float32)
    folder = material_scenes / 'test'
    assert files == sorted(
        path.relative_to(folder).as_posix() for path in folder.glob('*/*.png')
    )

    cfg = load_config(LINEAR)
    loader_cfg = cfg.test_dataloader
    loader_cfg.update(num_workers=0, persistent_workers=False)
    loader_cfg.dataset.data_root = str(material_scenes)
    loader = Runner.build_dataloader(loader_cfg)
    expected, _ = extract_features(build_model(cfg, 'none'), loader)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    torch.testing.assert_close(torch.from_numpy(features / lengths), expected)


def test_plain_array_with_names_beside_it(found, material_scenes, tmp_path):
    run(material_scenes / 'test', tmp_path / 'features.npy')
    features = np.load(tmp_path / 'features.npy')
    names = (tmp_path / 'features.txt').read_text().splitlines()
    assert np.array_equal(features, found[0]) and names == found[1]


def test_parquet(found, material_scenes, tmp_path):
    parquet = pytest.importorskip('pyarrow.parquet')
    run(material_scenes / 'test', tmp_path / 'features.parquet')
    table = parquet.read_table(tmp_path / 'features.parquet')
    features = np.array(table['feature'].to_pylist(), dtype=np.float32)
    assert np.array_equal(features, found[0])
    assert table['file'].to_pylist() == found[1]


def test_parquet_without_its_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'pyarrow', None)
    with pytest.raises(InputError, match='pip install pyarrow'):
        run(tmp_path, tmp_path / 'features.parquet')


@pytest.mark.parametrize('workers', [0, 2])
def test_a_broken_image_is_named(material_scenes, tmp_path, workers):
    folder = tmp_path / 'images'
    shutil.copytree(material_scenes / 'test', folder)
    broken = sorted(folder.glob('*/*.png'))[13]
    broken.write_bytes(b'no picture')
    with pytest.raises(InputError) as error:
        run(folder, tmp_path / 'features.npz', workers)
    assert str(error.value).startswith(f"The image '{broken}' cannot be")
    assert 'Traceback' not in str(error.value)
    assert not list(tmp_path.glob('*features*'))


@pytest.mark.parametrize('workers', [0, 1])
def test_images_of_unequal_size(tmp_path, workers):
    for side in (32, 40):
        Image.new('RGB', (side, 30)).save(tmp_path / f'{side}.png')
    with pytest.raises(InputError) as error:
        run(tmp_path, tmp_path / 'features.npz', workers)
    assert str(error.value).startswith(
        f"'{tmp_path}/32.png' has 32 x 30 pixels, but '{tmp_path}/40.png' has "
        '40 x 30 pixels, and images of one batch need one size. Add'
    )


def test_a_transform_that_fails_is_told_with_the_image(tmp_path):
    Image.new('RGB', (8, 8)).save(tmp_path / 'a.png')

    def failing(results):
        raise ZeroDivisionError

    images = Images([tmp_path / 'a.png'], [failing])
    with pytest.raises(InputError, match="a.png' cannot be loaded: ZeroDiv"):
        images[0]


def test_lists_what_pretraining_lists(tmp_path):
    for name in ('b/1.webp', '__MACOSX/1.png', 'a.gif', '._a.gif', 'a.txt'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / 'b/up').symlink_to(tmp_path)
    paths = images_below(tmp_path)
    assert paths == [tmp_path / 'a.gif', tmp_path / 'b/1.webp']
    names = names_text(tmp_path, IMAGE_EXTENSIONS).decode().splitlines()
    assert [tmp_path / name for name in names] == paths


def test_a_folder_without_images(tmp_path):
    with pytest.raises(InputError, match='holds no image'):
        run(tmp_path, tmp_path / 'features.npz')

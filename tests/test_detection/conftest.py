import numpy as np
import pytest
import torch
from annotation_files import coco_object, voc_xml, write_coco
from mmengine.registry import MODELS
from PIL import Image

SIZE = 96
# Both COCO and VOC have these classes. x, y, width, height.
OBJECTS = [('person', (8, 8, 48, 56)), ('car', (40, 24, 48, 56))]


def write_images(folder, stems):
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for stem in stems:
        pixels = rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f'{stem}.jpg')


@pytest.fixture(scope='session')
def coco_folder(tmp_path_factory):
    """Root of a COCO folder of noise: two images a split, two classes."""
    root = tmp_path_factory.mktemp('coco')
    images = {i: (f'{i}.jpg', SIZE, SIZE) for i in (1, 2)}
    names = {i: name for i, (name, _) in enumerate(OBJECTS, 1)}
    objects = [
        coco_object(image, i, box)
        for image in images
        for i, (_, box) in enumerate(OBJECTS, 1)
    ]
    for split in ('train2017', 'val2017'):
        write_images(root / split, ['1', '2'])
        path = root / f'annotations/instances_{split}.json'
        write_coco(path, images, names, objects)
    return root


@pytest.fixture(scope='session')
def voc_folder(tmp_path_factory):
    """Root of a VOCdevkit of noise: one image a year."""
    root = tmp_path_factory.mktemp('VOCdevkit')
    for year in ('2007', '2012'):
        folder = root / f'VOC{year}'
        write_images(folder / 'JPEGImages', [year])
        (folder / 'Annotations').mkdir()
        objects = [
            (name, x + 1, y + 1, x + w, y + h)
            for name, (x, y, w, h) in OBJECTS
        ]
        text = voc_xml(None, *objects)
        (folder / f'Annotations/{year}.xml').write_text(text)
        (folder / 'ImageSets/Main').mkdir(parents=True)
        for split in ('trainval', 'test'):
            path = folder / f'ImageSets/Main/{split}.txt'
            path.write_text(f'{year}\n')
    return root


@pytest.fixture(scope='session')
def resnet50_weights():
    """Drawn weights of a whole ResNet-50; no statistic is 0 or 1."""
    torch.manual_seed(0)
    backbone = MODELS.build(dict(type='mmpretrain.ResNet', depth=50))
    backbone.init_weights()
    return {
        key: value + 0.01 if value.is_floating_point() else value
        for key, value in backbone.state_dict().items()
    }

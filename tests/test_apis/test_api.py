"""The functions for programs, beside what the tools do."""

import numpy as np
import pytest
import torch
from mmengine.registry import MODELS
from PIL import Image
from small_runs import load_config, train_small
from torchvision.models import resnet18

import mmsca
from mmsca.apis.extract_features import extract
from mmsca.evaluation.boxes import largest_box
from mmsca.utils.checkpoint import read_state_dict
from mmsca.utils.errors import InputError


@pytest.fixture(scope='module')
def classifier(material_scenes, tmp_path_factory):
    """Checkpoint of a linear classifier on random features."""
    folder = tmp_path_factory.mktemp('linear')
    train_small(
        *('classification/r18_linear_materials', material_scenes, folder),
        *('model.backbone.init_cfg=None', 'val_dataloader.num_workers=0'),
    )
    return folder / 'epoch_1.pth'


@pytest.fixture(scope='module')
def photographs(tmp_path_factory):
    """Two of unequal size."""
    folder = tmp_path_factory.mktemp('photographs')
    rng = np.random.default_rng(0)
    for i, size in enumerate([(40, 60, 3), (50, 30, 3)]):
        pixels = rng.integers(0, 255, size, dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f'{i}.png')
    return sorted(folder.glob('*.png'))


def test_features_of_any_kind_are_those_of_the_tool(photographs, tmp_path):
    torch.manual_seed(0)
    file = tmp_path / 'r18.pth'
    torch.save(resnet18().state_dict(), file)
    backbone = mmsca.load_backbone(file)
    features = mmsca.extract_features(backbone, photographs)
    assert (features.shape, features.dtype) == ((2, 512), np.float32)
    pictures = [Image.open(path) for path in photographs]
    for images in (pictures, [np.asarray(picture) for picture in pictures]):
        found = mmsca.extract_features(backbone, images)
        np.testing.assert_array_equal(found, features)
    extract(
        [
            *('classification/r50_linear_in1k', str(file)),
            *(str(photographs[0].parent), str(tmp_path / 'features.npz')),
            *('--cfg-options', 'model.backbone.depth=18'),
        ]
    )
    written = np.load(tmp_path / 'features.npz')['features']
    np.testing.assert_array_equal(features, written)


def test_class_maps_are_those_of_the_config(classifier, material_scenes):
    model = mmsca.load_model(classifier)
    file = next(material_scenes.glob('test/brick/*.png'))
    found = mmsca.localize(model, file, threshold=0.3)

    cfg = load_config('localization/r18_gradcam_materials')
    cfg.model.cam_target = 'pred'
    reference = MODELS.build(cfg.model).eval()
    reference.load_state_dict(read_state_dict(classifier))
    bgr = np.asarray(Image.open(file))[..., ::-1].transpose(2, 0, 1).copy()
    inputs = dict(inputs=torch.from_numpy(bgr)[None], data_samples=None)
    (sample,) = reference.test_step(inputs)
    np.testing.assert_allclose(found.map, sample.pred_cam, atol=1e-5)
    expected = largest_box(sample.pred_cam.numpy(), 0.3)
    assert found.box.tolist() == expected.tolist()
    assert found.label == int(sample.pred_label)
    assert found.name == model.classes[found.label]
    assert found.score == pytest.approx(float(sample.pred_score.max()))
    other = mmsca.localize(model, file, label=(found.label + 1) % 10)
    assert other.label != found.label and other.score < found.score


def test_maps_and_boxes_are_in_pixels_of_the_image(classifier):
    """Behind a pipeline that resizes and cuts."""
    model = mmsca.load_model(classifier)
    load, pack = model.cfg.test_dataloader.dataset.pipeline
    model.cfg.test_dataloader.dataset.pipeline = [
        load,
        dict(type='ResizeEdge', scale=64, edge='short'),
        dict(type='CenterCrop', crop_size=64),
        pack,
    ]
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (32, 96, 3), dtype=np.uint8)
    found = mmsca.localize(model, pixels)
    assert found.map.shape == (32, 96)
    assert found.map[:, 33:63].any()
    assert not found.map[:, :31].any() and not found.map[:, 65:].any()
    x0, y0, x1, y1 = found.box
    assert 32 <= x0 < x1 <= 64 and 0 <= y0 < y1 <= 32


def test_attention_of_any_kind_of_images(untrained_sca, material_scenes):
    model = mmsca.load_model(untrained_sca, 'sca/swav_sca_r18_materials')
    files = sorted(material_scenes.glob('test/*/*.png'))[:6]
    found = mmsca.attend(model, files)
    assert len(found) == 6 and found[0].mask.shape == (6, 6)
    assert found[0].mask.sum() == pytest.approx(1, abs=1e-5)
    pictures = mmsca.attend(model, [Image.open(path) for path in files])
    np.testing.assert_array_equal(found[0].mask, pictures[0].mask)
    with pytest.raises(InputError, match='Got 2 images'):
        mmsca.attend(model, files[:2])


def test_what_can_not_be(classifier, tmp_path):
    model = mmsca.load_model(classifier)
    with pytest.raises(InputError, match=r'label is 10, but the classes'):
        mmsca.localize(model, 'a.png', label=10)
    with pytest.raises(InputError, match='threshold is 1. Expected'):
        mmsca.localize(model, 'a.png', threshold=1)
    with pytest.raises(InputError, match=r'float32 and shape \(2, 2\)'):
        mmsca.localize(model, np.zeros((2, 2), np.float32))
    with pytest.raises(InputError, match='An image is a list. Expected a pa'):
        mmsca.extract_features(model, [[1]])
    with pytest.raises(InputError, match='has no SCA'):
        mmsca.attend(model, ['a.png'])
    bare = tmp_path / 'bare.pth'
    torch.save(read_state_dict(classifier), bare)
    with pytest.raises(InputError, match='does not hold the settings'):
        mmsca.load_model(bare)
    torch.save([1], bare)
    with pytest.raises(InputError, match='bare.pth'):
        mmsca.load_model(bare)
    with pytest.raises(AttributeError, match="no attribute 'load'"):
        mmsca.load  # noqa: B018

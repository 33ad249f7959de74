"""The configs for backbones of timm, end to end, with tiny networks."""

import json
import math

import pytest
import timm
import torch
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import Runner
from small_runs import load_config, train_small

from mmsca.apis.knn import knn
from mmsca.utils.errors import InputError

LINEAR = 'classification/timm_linear_materials'
NAME = 'vit_tiny_patch16_224.augreg_in21k'
TINY = (f'model.backbone.model_name={NAME}', 'model.backbone.depth=1')
SIZE = 'dataset.pipeline.1.scale=(64,64)'


def loader_options(name, root, size=SIZE):
    options = (f'dataset.data_root={root}', 'batch_size=20', 'num_workers=0')
    return [f'{name}.{option}' for option in (*options, size)]


@pytest.fixture(scope='module')
def linear_options(material_scenes):
    root = material_scenes
    return [
        *TINY,
        *loader_options(
            'train_dataloader', root, 'dataset.pipeline.2.scale=64'
        ),
        *loader_options('val_dataloader', root),
        *loader_options('test_dataloader', root),
    ]


@pytest.fixture(scope='module')
def file_of_timm(tmp_path_factory):
    """Weights of the tiny transformer with its classifier, as timm's."""
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp('timm') / 'vit.pth'
    model = timm.create_model(NAME, depth=1, num_classes=7)
    torch.save(model.state_dict(), path)
    return path


@pytest.fixture(scope='module')
def linear(material_scenes, linear_options, file_of_timm, tmp_path_factory):
    """Checkpoint of a linear classifier on it, trained for an epoch."""
    folder = tmp_path_factory.mktemp('linear')
    start = f'model.backbone.init_cfg.checkpoint={file_of_timm}'
    train_small(LINEAR, material_scenes, folder, *linear_options, start)
    return folder / 'epoch_1.pth'


def test_linear_keeps_the_weights_of_timm(linear, file_of_timm):
    before = torch.load(file_of_timm)
    # A checkpoint of mmengine holds its log buffers, not tensors alone.
    after = torch.load(linear, weights_only=False)['state_dict']
    kept = [key for key in before if not key.startswith('head.')]
    assert len(kept) == 18
    for key in kept:
        assert torch.equal(before[key], after[f'backbone.{key}']), key
    assert after['head.fc.weight'].shape == (10, 192)
    # Started from timm's own statistics, and learnt its own.
    (name,) = [key for key in after if key.endswith('bn.running_var')]
    assert name.startswith('neck.') and after[name].shape == (192,)


def test_knn(linear, linear_options, tmp_path):
    out = tmp_path / 'knn.json'
    options = ('--k', '5', '--out', str(out), '--cfg-options', *linear_options)
    knn([LINEAR, str(linear), *options])
    assert 0 <= json.loads(out.read_text())['top1']['5'] <= 100


def test_grad_cam_by_the_tool(linear, material_scenes, call_tool, tmp_path):
    options = loader_options('test_dataloader', material_scenes)
    call_tool(
        'test.py',
        *('localization/timm_gradcam_materials', linear),
        *('--out', tmp_path / 'scores.json', '--out-item', 'metrics'),
        *('--work-dir', tmp_path, '--cfg-options', *TINY, *options),
    )
    scores = json.loads((tmp_path / 'scores.json').read_text())
    assert scores['cam/threshold_from'] == 'val'
    assert 0 < scores['cam/MaxBoxAccV2'] <= 100
    assert 0 <= scores['accuracy/top1'] <= 100


def test_label_free(material_scenes, tmp_path):
    cfg = load_config('localization/timm_labelfree_materials')
    cfg.model.backbone.update(model_name=NAME, depth=1)
    loader = cfg.test_dataloader
    loader.dataset.data_root = str(material_scenes)
    loader.dataset.pipeline[1].scale = (64, 64)
    loader.update(batch_size=20, num_workers=0, persistent_workers=False)
    cfg.work_dir = str(tmp_path)
    scores = Runner.from_cfg(cfg).test()
    for key in ('MaxBoxAccV2', 'PxAP', 'CorLoc'):
        assert math.isfinite(scores[f'cam/{key}'])


def detector(**backbone):
    cfg = load_config('detection/mask-rcnn_timm_fpn_1x_coco')
    cfg.model.backbone.update(init_cfg=None, **backbone)
    with DefaultScope.overwrite_default_scope('mmdet'):
        return MODELS.build(cfg.model)


def test_mask_rcnn_reads_a_pyramid():
    model = detector(depths=(1, 1, 1, 1)).eval()
    with torch.no_grad():
        maps = model.extract_feat(torch.randn(1, 3, 64, 64))
    assert [m.shape[1:] for m in maps] == [
        (256, size, size) for size in (16, 8, 4, 2, 1)
    ]


def test_mask_rcnn_refuses_a_plain_transformer():
    with pytest.raises(InputError, match='strides 4, 8, 16 and 32'):
        detector(model_name='vit_tiny_patch16_224')

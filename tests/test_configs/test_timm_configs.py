"""The configs for backbones of timm, end to end, with tiny networks."""

import json
import math
from pathlib import Path

import pytest
import timm
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import Runner

from mmsca.apis.knn import knn
from mmsca.apis.train import build_runner, parse_args, train_config
from mmsca.utils.errors import InputError

CONFIGS = Path(__file__).parents[2] / 'configs'
LINEAR = CONFIGS / 'classification/timm_linear_materials.py'
NAME = 'vit_tiny_patch16_224.augreg_in21k'
TINY = (f'model.backbone.model_name={NAME}', 'model.backbone.depth=1')
SIZE = 'dataset.pipeline.1.scale=(64,64)'
ONE = ('batch_size=20', 'num_workers=0', 'persistent_workers=False')


def loader_options(name, root, *options):
    options = (f'dataset.data_root={root}', *ONE, *options)
    return [f'{name}.{option}' for option in options]


@pytest.fixture(scope='module')
def linear_options(material_scenes):
    return [
        *TINY,
        *loader_options(
            'train_dataloader', material_scenes, 'dataset.pipeline.2.scale=64'
        ),
        *loader_options('val_dataloader', material_scenes, SIZE),
        *loader_options('test_dataloader', material_scenes, SIZE),
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
def linear(linear_options, file_of_timm, tmp_path_factory):
    """Checkpoint of a linear classifier on it, trained for an epoch."""
    folder = tmp_path_factory.mktemp('linear')
    args = parse_args(
        [
            str(LINEAR),
            f'--work-dir={folder}',
            '--cfg-options',
            *linear_options,
            f'model.backbone.init_cfg.checkpoint={file_of_timm}',
            'train_cfg.max_epochs=1',
            'default_hooks.checkpoint.interval=1',
        ]
    )
    build_runner(train_config(args)).train()
    return folder / 'epoch_1.pth'


def state_dict(path):
    # A checkpoint of mmengine holds its log buffers, not tensors alone.
    checkpoint = torch.load(path, weights_only=False)
    return checkpoint.get('state_dict', checkpoint)


def test_linear_keeps_the_weights_of_timm(linear, file_of_timm):
    before, after = state_dict(file_of_timm), state_dict(linear)
    kept = [key for key in before if not key.startswith('head.')]
    assert len(kept) == 18
    for key in kept:
        assert torch.equal(before[key], after[f'backbone.{key}']), key
    assert after['head.fc.weight'].shape == (10, 192)
    # Started from timm's own statistics, and learnt its own.
    assert after[
        'neck.0.bn.running_var'
        if 'neck.0.bn.running_var' in after
        else 'neck.bn.running_var'
    ].shape == (192,)


def test_knn(linear, linear_options, tmp_path):
    out = tmp_path / 'knn.json'
    knn(
        [
            str(LINEAR),
            str(linear),
            *('--k', '5', '--out', str(out)),
            *('--cfg-options', *linear_options),
        ]
    )
    assert 0 <= json.loads(out.read_text())['top1']['5'] <= 100


def test_grad_cam_by_the_tool(linear, material_scenes, call_tool, tmp_path):
    loaders = ('test_dataloader', 'test_cfg.calibration_dataloader')
    options = [
        option
        for name in loaders
        for option in loader_options(name, material_scenes, SIZE)
    ]
    call_tool(
        'test.py',
        *('configs/localization/timm_gradcam_materials.py', linear),
        *('--out', tmp_path / 'scores.json', '--out-item', 'metrics'),
        *('--work-dir', tmp_path, '--cfg-options', *TINY, *options),
    )
    scores = json.loads((tmp_path / 'scores.json').read_text())
    assert scores['cam/threshold_from'] == 'val'
    assert 0 < scores['cam/MaxBoxAccV2'] <= 100
    assert 0 <= scores['accuracy/top1'] <= 100


def test_label_free(material_scenes, tmp_path):
    path = CONFIGS / 'localization/timm_labelfree_materials.py'
    cfg = Config.fromfile(path)
    cfg.model.backbone.update(model_name=NAME, depth=1)
    for loader in (cfg.test_dataloader, cfg.test_cfg.calibration_dataloader):
        loader.dataset.data_root = str(material_scenes)
        loader.dataset.pipeline[1].scale = (64, 64)
        loader.update(batch_size=20, num_workers=0, persistent_workers=False)
    cfg.work_dir = str(tmp_path)
    scores = Runner.from_cfg(cfg).test()
    for key in ('MaxBoxAccV2', 'PxAP', 'CorLoc'):
        assert math.isfinite(scores[f'cam/{key}'])


def detector(**backbone):
    cfg = Config.fromfile(CONFIGS / 'detection/mask-rcnn_timm_fpn_1x_coco.py')
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

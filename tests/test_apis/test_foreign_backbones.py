"""Every tool loads the backbone of any project, without an option."""

from copy import deepcopy
from functools import cache
from types import SimpleNamespace

import pytest
import torch
from checkpoint_layouts import content_of
from mmdet.models.backbones.resnet import Bottleneck
from mmdet.models.layers import ResLayer
from mmengine.logging import MMLogger
from mmengine.registry import MODELS
from mmengine.runner import BaseLoop
from mmpretrain.models import ResNet
from small_runs import load_config
from torch import nn

from mmsca.apis.knn import build_model
from mmsca.apis.train import build_runner
from mmsca.engine.hooks import CheckpointCoverageHook
from mmsca.utils.config_names import config_names

LINEAR = 'classification/r50_linear_in1k'
WITH_TAIL = 'detection/mask-rcnn_r50_c4_1x_coco'
TRAINED = [
    name
    for name in config_names()
    if name.startswith(('classification/r50_', 'detection/')) and 'r50' in name
]
THIN = dict(stem_channels=4, base_channels=4)
# Plain names, one of two networks, a teacher, numbers, other names, averaged
# weights; test_backbone_layouts has all the others, which the same code finds.
a_layout_of_each_kind = pytest.mark.parametrize(
    'layout',
    [
        'backbone_alone',
        'moco_v2',
        'dino',
        'lightly_simclr',
        'transformers_resnet',
        'mmpretrain_classifier',
    ],
)


@pytest.fixture(scope='module')
def backbone():
    torch.manual_seed(0)
    return ResNet(50, **THIN)


@pytest.fixture(scope='module')
def file_of(backbone, tmp_path_factory):
    """`file_of(layout)` is the thin backbone in that layout."""
    folder = tmp_path_factory.mktemp('layouts')

    @cache
    def write(layout):
        path = folder / f'{layout}.pth'
        torch.save(content_of(layout, backbone.state_dict()), path)
        return path

    return write


@cache
def thin_config(name):
    cfg = load_config(name)
    cfg.model.backbone.update(THIN, norm_cfg=dict(type='BN'))
    return cfg


def same(module, backbone, part=''):
    expected = backbone.state_dict()
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, expected[part + name]), name


def start_training(model, checkpoint, hook):
    """What `Runner.train` does before the first iteration."""
    for module in model.modules():
        module._is_init = False
    model.backbone.init_cfg = dict(
        type='Pretrained', checkpoint=str(checkpoint)
    )
    runner = SimpleNamespace(
        model=model,
        logger=MMLogger.get_current_instance(),
        _train_loop=BaseLoop.__new__(type('Loop', (BaseLoop,), {'run': None})),
        _resume=False,
    )
    hook.before_run(runner)
    model.backbone.init_weights()
    if hook.tail:
        model.get_submodule(hook.tail).init_weights()


def hook_of(cfg):
    (hook,) = [
        h for h in cfg.custom_hooks if h.type == 'mmsca.CheckpointCoverageHook'
    ]
    return CheckpointCoverageHook(tail=hook.get('tail'))


@pytest.fixture(scope='module')
def c4():
    cfg = thin_config(WITH_TAIL)
    model = MODELS.build(cfg.model)
    # mmdet has it at full width only.
    width = 4 * THIN['base_channels'] * 4
    model.roi_head.shared_head.layer4 = ResLayer(
        Bottleneck, width, width // 2, 3, stride=2
    )
    return model, hook_of(cfg)


@pytest.fixture(scope='module')
def label_free(tmp_path_factory):
    """The runner of tools/test.py."""
    cfg = thin_config('localization/r50_labelfree_coco')
    cfg.work_dir = str(tmp_path_factory.mktemp('label_free'))
    cfg.launcher = 'none'
    return build_runner(cfg)


@a_layout_of_each_kind
def test_knn(layout, file_of, backbone):
    model = build_model(thin_config(LINEAR), file_of(layout))
    same(model.backbone, backbone)


@a_layout_of_each_kind
def test_label_free_localization(layout, file_of, backbone, label_free):
    label_free._load_from = str(file_of(layout))
    label_free._has_loaded = False
    label_free.load_or_resume()
    same(label_free.model.backbone, backbone)


@a_layout_of_each_kind
def test_training_with_a_tail(layout, file_of, backbone, c4):
    model, hook = c4
    start_training(model, file_of(layout), hook)
    same(model.backbone, backbone)
    same(model.get_submodule(hook.tail), backbone, 'layer4.')


@pytest.mark.parametrize('name', TRAINED)
def test_every_training(name, file_of, backbone):
    cfg = deepcopy(thin_config(name))
    cfg.model.backbone.frozen_stages = -1
    hook = hook_of(cfg)
    model = nn.Module()
    model.backbone = MODELS.build(cfg.model.backbone)
    model.is_init = False
    hook.tail = None
    start_training(model, file_of('moco_v2'), hook)
    same(model.backbone, backbone)

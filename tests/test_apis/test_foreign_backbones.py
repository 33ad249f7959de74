"""Every tool loads the backbone of any project, without an option."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import checkpoint_layouts as layouts
import pytest
import torch
from mmdet.models.backbones.resnet import Bottleneck
from mmdet.models.layers import ResLayer
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import BaseLoop
from mmpretrain.models import ResNet
from torch import nn

from mmsca.apis.knn import build_model
from mmsca.apis.train import build_runner
from mmsca.engine.hooks import CheckpointCoverageHook

CONFIGS = Path('configs')
R50 = 'classification/r50_linear_in1k.py'
THIN = dict(stem_channels=4, base_channels=4)
TRAINED = [
    'classification/r50_linear_in1k.py',
    'classification/r50_linear-lars_in1k.py',
    'classification/r50_stages_in1k.py',
    'classification/r50_semisup-1pct_in1k.py',
    'classification/r50_semisup-10pct_in1k.py',
    'classification/r50_finetune_in1k.py',
    'detection/mask-rcnn_r50_fpn_1x_coco.py',
    'detection/mask-rcnn_r50_fpn_2x_coco.py',
    'detection/mask-rcnn_r50_c4_1x_coco.py',
    'detection/mask-rcnn_r50_c4_2x_coco.py',
    'detection/faster-rcnn_r50_c4_24k_voc0712.py',
    'detection/retinanet_r50_fpn_1x_coco.py',
    'detection/mask-rcnn_r50-mmdet_fpn_1x_coco.py',
    'detection/mask-rcnn_r50-mmdet_fpn_ms-2x_coco.py',
]
# Training a linear classifier reads all layouts. The others find a backbone
# by the same code: of them each has one layout of a kind, namely plain names,
# one of two networks, a teacher, numbers, other names, averaged weights.
every_layout = pytest.mark.parametrize(
    'layout', layouts.RESNETS, ids=lambda f: f.__name__
)
a_layout_of_each_kind = pytest.mark.parametrize(
    'layout',
    [
        layouts.torchvision_resnet,
        layouts.moco_v2,
        layouts.dino,
        layouts.lightly_simclr,
        layouts.transformers_resnet,
        layouts.mmpretrain_classifier,
    ],
    ids=lambda f: f.__name__,
)


@pytest.fixture(scope='module')
def backbone():
    torch.manual_seed(0)
    model = ResNet(50, **THIN)
    model.eval()
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.bias, std=0.3)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
    return model


@pytest.fixture(scope='module')
def file_of(backbone, tmp_path_factory):
    """`file_of(layout)` is the thin backbone in that layout."""
    folder = tmp_path_factory.mktemp('layouts')

    def write(layout):
        path = folder / f'{layout.__name__}.pth'
        if not path.exists():
            torch.save(layout(backbone.state_dict()), path)
        return path

    return write


@cache
def thin_config(name):
    cfg = Config.fromfile(CONFIGS / name)
    cfg.model.backbone.update(THIN, norm_cfg=dict(type='BN'))
    init_default_scope(cfg.default_scope)
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
def linear():
    cfg = thin_config(R50)
    return MODELS.build(cfg.model), hook_of(cfg)


@pytest.fixture(scope='module')
def c4():
    cfg = thin_config('detection/mask-rcnn_r50_c4_1x_coco.py')
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
    cfg = thin_config('localization/r50_labelfree_coco.py')
    cfg.work_dir = str(tmp_path_factory.mktemp('label_free'))
    cfg.launcher = 'none'
    return build_runner(cfg)


@a_layout_of_each_kind
def test_knn(layout, file_of, backbone):
    same(build_model(thin_config(R50), file_of(layout)).backbone, backbone)


@every_layout
def test_linear(layout, file_of, backbone, linear):
    model, hook = linear
    start_training(model, file_of(layout), hook)
    same(model.backbone, backbone)


@a_layout_of_each_kind
def test_label_free_localization(layout, file_of, backbone, label_free):
    label_free._load_from = str(file_of(layout))
    label_free._has_loaded = False
    label_free.load_or_resume()
    same(label_free.model.backbone, backbone)


@a_layout_of_each_kind
def test_detection_with_a_tail(layout, file_of, backbone, c4):
    model, hook = c4
    start_training(model, file_of(layout), hook)
    same(model.backbone, backbone)
    same(model.get_submodule(hook.tail), backbone, 'layer4.')


@pytest.mark.parametrize('name', TRAINED)
def test_every_training(name, file_of, backbone):
    cfg = deepcopy(thin_config(name))
    cfg.model.backbone.frozen_stages = -1
    hook = hook_of(cfg)
    body = MODELS.build(cfg.model.backbone)
    model = nn.Module()
    model.backbone, model.is_init = body, False
    hook.tail = None
    start_training(model, file_of(layouts.moco_v2), hook)
    same(body, backbone)

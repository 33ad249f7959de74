import ast
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS
from modelindex.load_model_index import load
from small_runs import load_config

from mmsca.apis.config import SCOPES, check_scope
from mmsca.augmentation import Recipe
from mmsca.utils.config_fields import run_fields

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path.relative_to(ROOT)
    for path in (ROOT / 'configs').rglob('*.py')
    if '_base_' not in path.parts
)
# A comparison names configs and holds no model itself.
CONFIGS = [path for path in FILES if 'comparisons' not in path.parts]

# facebookresearch/swav, src/multicropdataset.py.
AUTHORS = Recipe(
    flip=0.5,
    jitter=0.8,
    brightness=0.8,
    contrast=0.8,
    saturation=0.8,
    hue=0.2,
    gray=0.2,
    blur=0.5,
    radius=(0.1, 2.0),
    solarize=0,
)


def types_in(value):
    """All types that occur in a config, however deep."""
    if isinstance(value, dict):
        yield value.get('type')
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from types_in(part)


@pytest.mark.parametrize('path', CONFIGS, ids=str)
def test_builds_and_reads_images_by_one_decoder(path, monkeypatch):
    # Nobody reads the weights.
    monkeypatch.setattr(torch.nn.init, 'kaiming_uniform_', lambda w, **_: w)
    cfg = load_config(path)
    assert cfg.default_scope in SCOPES
    check_scope(cfg, str(path))
    used = set(types_in({k: cfg[k] for k in cfg.keys() & run_fields()}))
    assert used & {'mmsca.LoadImage', 'mmsca.MultiCrop'}
    assert not used & {'LoadImageFromFile', 'DetVisualizationHook'}
    model = MODELS.build(cfg.model)
    assert any(p.requires_grad for p in model.parameters())
    # One class, so one set of keys, from pretraining to detection.
    if cfg.model.backbone.type != 'mmsca.TIMMBackbone':
        assert cfg.model.backbone.type.endswith('ResNet')
        assert type(model.backbone).__module__.startswith('mmpretrain')


@pytest.mark.parametrize('path', FILES, ids=str)
def test_header_says_what_to_expect(path):
    header = ast.get_docstring(ast.parse((ROOT / path).read_text()))
    for word in ('Expected', 'Hardware', str(path)):
        assert word in header, word


def test_every_config_has_a_name_of_its_own():
    # `mim` finds configs by their file name.
    names = [path.name for path in FILES]
    assert len(names) == len(set(names))


def test_model_index_lists_every_config():
    index = load(str(ROOT / 'model-index.yml'))
    index.build_models_with_collections()
    listed = {Path(model.config) for model in index.models}
    # Rows of an ablation are no models of their own.
    assert listed == {p for p in CONFIGS if 'ablations' not in p.parts}


@pytest.mark.parametrize(
    'size',
    [
        *('r50', 'r18_folder', 'r18_materials'),
        *('r18_cifar10', 'r18_coco', 'r18_tinyimagenet'),
        *('r18_cifar100', 'r18_stl10', 'r18_cub200', 'r18_imagenet100'),
    ],
)
def test_sca_differs_from_its_control_in_the_method_alone(size):
    swav, sca = (
        Config.fromfile(ROOT / f'configs/sca/{name}_{size}.py').to_dict()
        for name in ('swav', 'swav_sca')
    )
    differences = {
        key: sca['model'].pop(key)
        for key in ('type', 'sca', 'weight', 'warmup')
    }
    assert differences['type'] == 'mmsca.SwAVSCA'
    assert swav['model'].pop('type') == 'mmsca.SwAV'
    del sca['sca_block']
    assert swav == sca


def test_official_recipe():
    cfg = Config.fromfile(ROOT / 'configs/sca/swav_sca_r50.py')
    crops = cfg.train_dataloader.dataset.pipeline[1]
    assert (crops.num_crops, crops.sizes) == ([2, 6], [224, 96])
    assert crops.scales == [(0.14, 1.0), (0.05, 0.14)]
    assert crops.get('recipe') is None and Recipe() == AUTHORS
    head = cfg.model.head
    assert (head.num_prototypes, head.queue_length) == (3000, 3840)
    assert (head.temperature, head.epsilon, head.iterations) == (0.1, 0.05, 3)
    assert cfg.optim_wrapper.optimizer.type == 'mmsca.LARC'
    assert cfg.optim_wrapper.optimizer.lr == 0.6
    assert cfg.train_cfg.max_epochs == 200
    assert cfg.default_hooks.frozen.iters == {'head.prototypes': 5005}
    assert cfg.auto_scale_lr.base_batch_size == 256


def test_initial_weights_are_those_of_the_authors():
    # src/resnet50.py: Kaiming fan-out, no residual branch starts at zero.
    model = MODELS.build(load_config('sca/swav_r50').model)
    model.init_weights()
    for module in model.backbone.modules():
        if isinstance(module, torch.nn.Conv2d):
            fan_out = module.out_channels * module.kernel_size[0] ** 2
            std = module.weight.std().item()
            assert std == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)
        elif isinstance(module, torch.nn.SyncBatchNorm):
            assert module.weight.eq(1).all() and module.bias.eq(0).all()
    (prototypes,) = model.head.prototypes
    assert prototypes.bias is None
    norms = prototypes.weight.norm(dim=1)
    torch.testing.assert_close(norms, torch.ones(3000))

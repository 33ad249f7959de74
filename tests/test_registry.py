"""How names resolve: the reason why every mmsca type carries its prefix."""

import subprocess
import sys

import pytest
from mmengine import registry as root
from mmengine.registry import DefaultScope

from mmsca import registry

THIN = dict(depth=18, stem_channels=8, base_channels=8)


@pytest.fixture
def scope():
    """`scope(name)` is a context in which `name` is the default scope."""
    return DefaultScope.overwrite_default_scope


def classifier(prefix):
    """A model of mmsca whose children are written with `prefix`."""
    return dict(
        type='mmsca.CAMClassifier',
        backbone=dict(type=f'{prefix}ResNet', **THIN),
        neck=dict(type=f'{prefix}GlobalAveragePooling'),
        head=dict(
            type=f'{prefix}LinearClsHead', num_classes=2, in_channels=64
        ),
    )


def package(obj):
    return type(obj).__module__.split('.')[0]


@pytest.mark.parametrize(
    'kind', [name for name in vars(registry) if name.isupper()]
)
def test_parent_is_the_root_and_children_are_prefixed(kind):
    ours, theirs = getattr(registry, kind), getattr(root, kind)
    assert ours.parent is theirs and ours.scope == 'mmsca'


@pytest.mark.parametrize('prefix', ['', 'mmpretrain.'])
def test_mmpretrain_scope_takes_bare_and_prefixed_children(scope, prefix):
    with scope('mmpretrain'):
        model = root.MODELS.build(classifier(prefix))
    assert package(model) == 'mmsca'
    for child in (model.backbone, model.neck, model.head):
        assert package(child) == 'mmpretrain'


def test_mmpretrain_registry_reaches_mmsca(scope):
    from mmpretrain.registry import MODELS

    with scope('mmpretrain'):
        assert package(MODELS.build(classifier(''))) == 'mmsca'


def test_bare_mmsca_name_fails(scope):
    model = dict(classifier(''), type='CAMClassifier')
    for name in ('mmpretrain', 'mmdet'):
        with scope(name), pytest.raises(KeyError, match='CAMClassifier'):
            root.MODELS.build(model)


def test_mmdet_scope_takes_prefixed_hook_and_backbone(scope):
    from mmdet.registry import HOOKS, MODELS

    with scope('mmdet'):
        hook = HOOKS.build(dict(type='mmsca.CheckpointCoverageHook'))
        backbone = MODELS.build(dict(type='mmpretrain.ResNet', **THIN))
    assert package(hook) == 'mmsca'
    assert package(backbone) == 'mmpretrain'


def test_prefixed_names_need_no_import():
    """A fresh process: the registries import what they register."""
    code = """if True:
        from mmengine.registry import HOOKS, LOOPS, METRICS, MODELS
        from mmengine.registry import DATA_SAMPLERS, DATASETS, TRANSFORMS
        from mmengine.registry import FUNCTIONS
        for kind, name in [
            (MODELS, 'SwAV'), (MODELS, 'SwAVSCA'), (MODELS, 'SwAVHead'),
            (MODELS, 'SpatialCrossAttention'), (MODELS, 'CAMClassifier'),
            (HOOKS, 'CheckpointCoverageHook'), (HOOKS, 'PrototypeHook'),
            (HOOKS, 'FreezeHook'), (HOOKS, 'CheckpointHook'),
            (LOOPS, 'ResumableEpochLoop'), (DATA_SAMPLERS, 'KeyedSampler'),
            (LOOPS, 'CalibratedTestLoop'), (METRICS, 'CAMLocalization'),
            (DATASETS, 'ImageFolder'), (TRANSFORMS, 'MultiCrop'),
            (FUNCTIONS, 'pack_views'), (MODELS, 'MultiCropPreprocessor'),
        ]:
            assert kind.get(f'mmsca.{name}') is not None, name
    """
    process = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr

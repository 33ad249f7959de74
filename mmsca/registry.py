"""Registries of scope `mmsca`, children of mmengine's root registries.

Configs keep `default_scope = 'mmpretrain'` or `'mmdet'` and write every type
of this package with its prefix (`type='mmsca.SwAVSCA'`), nested ones too.
`mmsca` is never a default scope: only the registries below exist.
"""

from mmengine import registry as root
from mmengine.registry import Registry, build_runner_from_cfg

MODELS = Registry(
    'model', parent=root.MODELS, scope='mmsca', locations=['mmsca.models']
)
DATASETS = Registry(
    'dataset',
    parent=root.DATASETS,
    scope='mmsca',
    locations=['mmsca.datasets'],
)
DATA_SAMPLERS = Registry(
    'data sampler',
    parent=root.DATA_SAMPLERS,
    scope='mmsca',
    locations=['mmsca.datasets'],
)
TRANSFORMS = Registry(
    'transform',
    parent=root.TRANSFORMS,
    scope='mmsca',
    locations=['mmsca.datasets.transforms'],
)
FUNCTIONS = Registry(
    'function',
    parent=root.FUNCTIONS,
    scope='mmsca',
    locations=['mmsca.datasets'],
)
HOOKS = Registry(
    'hook', parent=root.HOOKS, scope='mmsca', locations=['mmsca.engine']
)
LOOPS = Registry(
    'loop', parent=root.LOOPS, scope='mmsca', locations=['mmsca.engine']
)
OPTIMIZERS = Registry(
    'optimizer',
    parent=root.OPTIMIZERS,
    scope='mmsca',
    locations=['mmsca.engine'],
)
OPTIM_WRAPPERS = Registry(
    'optimizer wrapper',
    parent=root.OPTIM_WRAPPERS,
    scope='mmsca',
    locations=['mmsca.engine'],
)
METRICS = Registry(
    'metric',
    parent=root.METRICS,
    scope='mmsca',
    locations=['mmsca.evaluation'],
)
RUNNERS = Registry(
    'runner',
    build_func=build_runner_from_cfg,
    parent=root.RUNNERS,
    scope='mmsca',
    locations=['mmsca.engine'],
)

"""Registries of scope `mmsca`, children of mmengine's root registries.

Configs keep `default_scope = 'mmpretrain'` or `'mmdet'` and write every type
of this package with its prefix (`type='mmsca.SwAVSCA'`), nested ones too.
`mmsca` is never a default scope: only the registries below exist.
"""

from mmengine import registry as root
from mmengine.registry import Registry


def child(parent: Registry, module: str) -> Registry:
    """A registry that imports a module of ours when a name is looked up."""
    return Registry(
        parent.name, parent=parent, scope='mmsca', locations=[module]
    )


MODELS = child(root.MODELS, 'mmsca.models')
DATASETS = child(root.DATASETS, 'mmsca.datasets')
DATA_SAMPLERS = child(root.DATA_SAMPLERS, 'mmsca.datasets')
TRANSFORMS = child(root.TRANSFORMS, 'mmsca.datasets.transforms')
FUNCTIONS = child(root.FUNCTIONS, 'mmsca.datasets')
HOOKS = child(root.HOOKS, 'mmsca.engine')
LOOPS = child(root.LOOPS, 'mmsca.engine')
OPTIMIZERS = child(root.OPTIMIZERS, 'mmsca.engine')
OPTIM_WRAPPERS = child(root.OPTIM_WRAPPERS, 'mmsca.engine')
METRICS = child(root.METRICS, 'mmsca.evaluation')
RUNNERS = child(root.RUNNERS, 'mmsca.engine')

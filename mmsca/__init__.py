"""Spatial Cross-Attention for self-supervised pretraining."""

from importlib import import_module
from typing import TYPE_CHECKING

from mmengine.config import utils as config_utils

from mmsca.ops import install_fallback
from mmsca.utils.print_log import quiet_debug_messages
from mmsca.version import __version__

# Lets users' configs inherit ours: `_base_ = 'mmsca::sca/swav_r50.py'`.
config_utils.MODULE2PACKAGE['mmsca'] = 'mmsca'

# mmdet imports `mmcv.ops` at module level; see `mmsca/ops/__init__.py`.
install_fallback()

# Before mmpretrain and mmdet are imported.
quiet_debug_messages()

if TYPE_CHECKING:
    from mmsca.apis.attend import attend
    from mmsca.apis.extract_features import extract_features
    from mmsca.apis.load import load_backbone, load_model
    from mmsca.apis.localize import localize

# Function -> its module, imported when it is asked for.
API = {
    'attend': 'attend',
    'extract_features': 'extract_features',
    'load_backbone': 'load',
    'load_model': 'load',
    'localize': 'localize',
}


def __getattr__(name: str):
    if name not in API:
        raise AttributeError(f"module 'mmsca' has no attribute '{name}'")
    return getattr(import_module(f'mmsca.apis.{API[name]}'), name)


__all__ = [
    '__version__',
    'attend',
    'extract_features',
    'load_backbone',
    'load_model',
    'localize',
]

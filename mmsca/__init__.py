"""Spatial Cross-Attention for self-supervised pretraining."""

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

__all__ = ['__version__']

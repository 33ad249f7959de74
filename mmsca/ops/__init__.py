"""`mmcv._ext` served by torchvision where mmcv has no compiled operators.

`pip install onedl-mmcv` brings no compiled module, and compiling it needs a
C++ toolchain that matches torch. Mask R-CNN needs two of its operators, NMS
and RoIAlign, and torchvision ships both compiled. So a finder at the END of
`sys.meta_path` answers for `mmcv._ext`: a native module is found first and
wins, and nothing is imported before someone asks for `mmcv.ops`.
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path


class TorchvisionExtFinder(MetaPathFinder):
    """Finds `mmcv._ext` in `mmcv_ext.py` of this folder."""

    def find_spec(self, fullname, path, target=None) -> ModuleSpec | None:
        if fullname != 'mmcv._ext':
            return None
        source = Path(__file__).with_name('mmcv_ext.py')
        return spec_from_file_location(fullname, source)


def install_fallback() -> None:
    """Append the finder to `sys.meta_path`, once."""
    if not any(isinstance(f, TorchvisionExtFinder) for f in sys.meta_path):
        sys.meta_path.append(TorchvisionExtFinder())

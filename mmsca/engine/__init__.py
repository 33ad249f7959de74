from mmsca.engine import hooks, optimizers  # noqa: F401
from mmsca.engine.class_folder_runner import (  # noqa: F401
    ClassFolderRunner,
)
from mmsca.engine.coco_folder_runner import CocoFolderRunner  # noqa: F401
from mmsca.engine.loops import CalibratedTestLoop  # noqa: F401
from mmsca.engine.runner import Runner  # noqa: F401

from mmsca.engine import hooks, optimizers
from mmsca.engine.class_folder_runner import ClassFolderRunner
from mmsca.engine.coco_folder_runner import CocoFolderRunner
from mmsca.engine.loops import CalibratedTestLoop
from mmsca.engine.runner import Runner

from pathlib import Path

from mmsca.datasets.classes import class_names
from mmsca.engine.runner import Runner
from mmsca.registry import RUNNERS


@RUNNERS.register_module()
class ClassFolderRunner(Runner):
    """A runner for class folders, however many classes there are.

    Their names come from what `train_dataloader.dataset.classes` names, and
    are written to the head and to the data sets of boxes before anything is
    built: a config file cannot see what the command line says.
    """

    @classmethod
    def from_cfg(cls, cfg):
        train = cfg.train_dataloader.dataset
        names = class_names(Path(str(train.data_root), train.classes))
        cfg.model.head.num_classes = len(names)
        cfg.model.data_preprocessor.num_classes = len(names)
        dataset = (cfg.get('test_dataloader') or {}).get('dataset', {})
        if 'ann_file' in dataset and 'classes' not in dataset:
            dataset.metainfo = dict(classes=names)
        return super().from_cfg(cfg)

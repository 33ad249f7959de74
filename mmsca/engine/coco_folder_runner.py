from pathlib import Path

from mmengine.config import ConfigDict

from mmsca.datasets.coco_file import BOX, MASK, check_coco, read_coco
from mmsca.engine.runner import Runner
from mmsca.registry import RUNNERS
from mmsca.utils.errors import InputError

# What a run without a split must not have.
PARTS = dict(
    train=(
        'train_dataloader',
        'train_cfg',
        'optim_wrapper',
        'param_scheduler',
    ),
    val=('val_dataloader', 'val_cfg', 'val_evaluator'),
    test=('test_dataloader', 'test_cfg', 'test_evaluator'),
)


@RUNNERS.register_module()
class CocoFolderRunner(Runner):
    """A runner for any folder of COCO format, whatever its classes are.

    The field `coco_folder` of the config says where the files are; before
    anything is built it is written into data loaders, evaluators and heads,
    see :func:`fill_in_folder`. It has to happen here: a config file cannot
    see what the command line says, and a model is built before its data set.
    """

    @classmethod
    def from_cfg(cls, cfg):
        fill_in_folder(cfg)
        return super().from_cfg(cfg)


def fill_in_folder(cfg) -> None:
    """Write paths and classes of `cfg.coco_folder` to where they are read.

    Args:
        cfg (Config): `coco_folder` holds `root`, and for `train`, `val` and
            `test` the `ann_file` and the folder of `images`, both below
            `root`. What is None in `test` is as in `val`; `train` and `val`
            may be None for a test alone. Classes are those of the first.
            Where no annotation has a mask, the model finds boxes alone.

    Raises:
        InputError: A file or folder is missing, a file has faults (see
            :func:`mmsca.datasets.coco_file.check_coco`), or the splits have
            different categories.
    """
    folder = cfg.coco_folder
    root = Path(str(folder.root))  # a folder 2024 is read as a number
    splits = {name: folder[name] for name in PARTS}
    given = {k: v for k, v in (folder.test or {}).items() if v is not None}
    splits['test'] = ConfigDict({**(folder.val or {}), **given})
    if not {'ann_file', 'images'} <= splits['test'].keys():
        raise InputError(
            'coco_folder has nothing to test on. Give coco_folder.val, or '
            'coco_folder.test.ann_file and coco_folder.test.images.'
        )
    categories, masks = {}, None
    for name, place in splits.items():
        if place is None or (name == 'test' and not given):
            continue
        content = read_split(root, name, place)
        if masks is None:  # those to train on say what is learned
            masks = any(
                'segmentation' in annotation
                for annotation in content['annotations']
                if isinstance(annotation, dict)
            )
        fields = MASK if masks else BOX
        check_coco(content, root / place.ann_file, fields, root / place.images)
        categories[name] = [
            (category['id'], category['name'])
            for category in content['categories']
        ]
    if not masks:
        leave_masks_out(cfg)
    first, *others = categories
    for name in others:
        if categories[name] != categories[first]:
            raise InputError(
                f"The categories of '{splits[name].ann_file}' are not those "
                f"of '{splits[first].ann_file}'. Expected the same ids and "
                'names in the same order; write one list into both files.'
            )
    classes = tuple(name for _, name in categories[first])
    for name, place in splits.items():
        if place is None:
            for field in PARTS[name]:
                cfg[field] = None
        loader = cfg.get(f'{name}_dataloader')
        if loader is not None:  # none with --no-validate
            loader.dataset.update(
                data_root=str(root),
                ann_file=place.ann_file,
                data_prefix=dict(img=place.images),
                metainfo=dict(classes=classes),
            )
        evaluator = cfg.get(f'{name}_evaluator')
        if evaluator is not None:
            evaluator.ann_file = str(root / place.ann_file)
    for head in (cfg.model.roi_head.bbox_head, cfg.model.roi_head.mask_head):
        if head is not None:
            head.num_classes = len(classes)


def leave_masks_out(cfg) -> None:
    """Make Faster R-CNN of Mask R-CNN, for annotations of boxes alone."""
    cfg.model.type = 'FasterRCNN'
    cfg.model.roi_head.update(mask_head=None, mask_roi_extractor=None)
    for name in PARTS:
        loader = cfg.get(f'{name}_dataloader')
        for step in loader.dataset.pipeline if loader is not None else ():
            if step.type == 'LoadAnnotations':
                step.with_mask = False
        evaluator = cfg.get(f'{name}_evaluator')
        if evaluator is not None:
            evaluator.metric = 'bbox'


def read_split(root: Path, split: str, place: ConfigDict) -> dict:
    """The annotations of one split, not checked yet."""
    path = root / place.ann_file
    if not path.is_file():
        raise InputError(
            f"The annotation file '{path}' does not exist. Set "
            f'coco_folder.root and coco_folder.{split}.ann_file. To test '
            'alone, give coco_folder.test.ann_file and '
            'coco_folder.test.images, and set coco_folder.train=None and '
            'coco_folder.val=None.'
        )
    return read_coco(path)

import json
from pathlib import Path

from mmengine.config import ConfigDict
from mmengine.runner import Runner

from mmsca.registry import RUNNERS
from mmsca.utils.errors import InputError

FIELDS = ('image_id', 'category_id', 'bbox', 'area', 'segmentation')


@RUNNERS.register_module()
class CocoFolderRunner(Runner):
    """A runner for any folder of COCO format, whatever its classes are.

    The field `coco_folder` of the config says where the files are; before
    anything is built it is written into data loaders, evaluators and heads,
    see :func:`fill_in_folder`. It has to happen here: a config file can not
    see what the command line says, and a model is built before its data set.
    """

    @classmethod
    def from_cfg(cls, cfg):
        fill_in_folder(cfg)
        return super().from_cfg(cfg)


def fill_in_folder(cfg) -> None:
    """Write paths and classes of `cfg.coco_folder` to where they are read.

    Args:
        cfg (Config): `coco_folder` holds `root`, and for `train` and `val`
            the `ann_file` and the folder of `images`, both below `root`.

    Raises:
        InputError: A file or folder is missing, a file has no instances of
            COCO format, or `val` has other categories than `train`.
    """
    folder = cfg.coco_folder
    categories = {
        split: read_categories(folder, split) for split in ('train', 'val')
    }
    if categories['train'] != categories['val']:
        raise InputError(
            f"The categories of '{folder.val.ann_file}' are not those of "
            f"'{folder.train.ann_file}'. Expected the same ids and names in "
            'the same order; write one list into both files.'
        )
    classes = tuple(name for _, name in categories['train'])
    for loader, split in (('train', 'train'), ('val', 'val'), ('test', 'val')):
        loader = cfg.get(f'{loader}_dataloader')
        if loader is not None:  # none with --no-validate
            loader.dataset.update(
                data_root=str(folder.root),
                ann_file=folder[split].ann_file,
                data_prefix=dict(img=folder[split].images),
                metainfo=dict(classes=classes),
            )
    for evaluator in (cfg.get('val_evaluator'), cfg.get('test_evaluator')):
        if evaluator is not None:
            evaluator.ann_file = str(Path(folder.root, folder.val.ann_file))
    for head in (cfg.model.roi_head.bbox_head, cfg.model.roi_head.mask_head):
        head.num_classes = len(classes)


def read_categories(folder: ConfigDict, split: str) -> list[tuple[int, str]]:
    """The categories of one split, in the order of the annotation file.

    Args:
        folder (ConfigDict): See :func:`fill_in_folder`.
        split (str): 'train' or 'val'.

    Returns:
        list[tuple[int, str]]: Id and name of each.

    Raises:
        InputError: See :func:`fill_in_folder`.
    """
    path = Path(folder.root, folder[split].ann_file)
    images = Path(folder.root, folder[split].images)
    if not path.is_file():
        raise InputError(
            f"The annotation file '{path}' does not exist. Set "
            f'coco_folder.root and coco_folder.{split}.ann_file.'
        )
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"'{path}' is not a JSON file: {error}.") from error
    for key in ('images', 'annotations', 'categories'):
        if not isinstance(content, dict) or not content.get(key):
            raise InputError(
                f"'{path}' has no '{key}'. Expected the instances format of "
                "COCO: lists of 'images', 'annotations' and 'categories'."
            )
    for i, annotation in enumerate(content['annotations']):
        for field in FIELDS:
            if field not in annotation:
                raise InputError(
                    f"'{path}': annotations[{i}] has no '{field}'. Mask "
                    f'R-CNN learns from {", ".join(FIELDS)} of each.'
                )
    image = images / content['images'][0]['file_name']
    if not image.is_file():
        raise InputError(
            f"'{path}' names the image '{image}', which does not exist. Set "
            f'coco_folder.{split}.images to the folder of the images.'
        )
    categories = [(c['id'], c['name']) for c in content['categories']]
    names = [name for _, name in categories]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"'{path}' has several categories of the name '{twice[0]}'. "
            'Expected one of each name.'
        )
    return categories

"""Data sets of mmdet, built once their files have passed all checks.

mmdet takes seconds to import, hence functions.
"""

import logging
from pathlib import Path

from mmengine.logging import print_log

from mmsca.datasets.classes import refuse_unknown, shorten
from mmsca.datasets.coco_file import BOX, MASK, check_coco, read_coco
from mmsca.datasets.voc_file import check_images, read_list, read_objects
from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@DATASETS.register_module(name='CocoInstances')
def coco_instances(**kwargs):
    """Build `mmdet.CocoDataset` from a checked file.

    mmdet stops at some faults of a file with a KeyError, finds others when
    an image is due, and drops annotations or shifts labels at the rest. The
    file is read once, for the checks and for mmdet. Needs masks if the
    pipeline loads them.

    Args:
        **kwargs: As in `mmdet.CocoDataset`. `metainfo.classes` may leave
            categories of the file out, but not reorder them.

    Raises:
        InputError: See :func:`mmsca.datasets.coco_file.check_coco`; or if
            the classes are not categories of the file in its order.
    """
    from mmdet.datasets import CocoDataset
    from mmdet.datasets.api_wrappers import COCO

    dataset = CocoDataset(**{**kwargs, 'lazy_init': True})
    file = Path(dataset.ann_file)
    content = read_coco(file)
    steps = dataset.pipeline.transforms
    masks = any(getattr(step, 'with_mask', False) for step in steps)
    folder = Path(dataset.data_prefix['img'])
    check_coco(content, file, MASK if masks else BOX, folder)
    check_classes(content, file, dataset.metainfo['classes'])
    check_usable(content, file)

    def build_index(path):
        coco = COCO()
        coco.dataset = content
        coco.createIndex()
        coco.cat_img_map = coco.catToImgs
        return coco

    # What mmdet would build, but for reading the file again.
    dataset.COCOAPI = build_index
    if not kwargs.get('lazy_init'):
        dataset.full_init()
        del dataset.COCOAPI
    return dataset


@DATASETS.register_module(name='VOCObjects')
def voc_objects(**kwargs):
    """Build `mmdet.VOCDataset`, whose arguments it takes, from checked files.

    mmdet drops objects whose name is unknown, and finds an image that is
    missing when it is due.

    Raises:
        InputError: If a file is missing or has faults, or an object is of an
            unknown class.
    """
    from mmdet.datasets import VOCDataset

    dataset = VOCDataset(**{**kwargs, 'lazy_init': True})
    source, root = Path(dataset.ann_file), Path(dataset.sub_data_root)
    names = read_list(source)
    check_images(root / dataset.img_subdir, names, source)
    for name in names:
        path = root / dataset.ann_subdir / f'{name}.xml'
        _, objects = read_objects(path)
        shown = [name for name, _ in objects]
        refuse_unknown(shown, dataset.metainfo['classes'], path)
    if not kwargs.get('lazy_init'):
        dataset.full_init()
    return dataset


def check_usable(content: dict, file: Path) -> None:
    """Count what mmdet does not train, and refuse a file of nothing else.

    These are crowds and boxes without area.
    """
    annotations = content['annotations']
    crowds = sum(bool(a.get('iscrowd')) for a in annotations)
    usable = sum(
        not a.get('iscrowd') and a['area'] > 0 and min(a['bbox'][2:]) >= 1
        for a in annotations
    )
    text = (
        f"'{file}': {crowds} of {len(annotations)} annotations are crowds, "
        f'{len(annotations) - crowds - usable} have no area'
    )
    if not usable:
        raise InputError(f'{text}. Nothing is left to learn or to find.')
    if usable + crowds < len(annotations):
        print_log(f'{text}. They are left out.', 'current', logging.WARNING)


def check_classes(content: dict, file: Path, classes: tuple[str]) -> None:
    """Refuse classes that mmdet would give the labels of others.

    It numbers the categories in the order of the file, and looks for names
    in the order of `classes`.

    Raises:
        InputError: If a class is no category, or the order differs.
    """
    names = [category['name'] for category in content['categories']]
    kept = [name for name in names if name in classes]
    if kept != list(classes):
        raise InputError(
            f"'{file}' has the categories {shorten(names)}; the data set "
            f'expects {shorten(classes)}. Set `metainfo.classes` of the '
            'data set to names of the file, in its order, and num_classes '
            'of the heads to their number.'
        )
    left_out = {
        c['id'] for c in content['categories'] if c['name'] not in kept
    }
    if left_out:
        annotations = content['annotations']
        count = sum(a['category_id'] in left_out for a in annotations)
        print_log(
            f"'{file}': {count} of {len(annotations)} annotations are of "
            f'{len(left_out)} categories that `metainfo.classes` leaves out.',
            'current',
            logging.WARNING,
        )

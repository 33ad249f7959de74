"""mmdet's data set of Pascal VOC, from files that were looked through."""

from pathlib import Path

from mmsca.datasets.classes import refuse_unknown
from mmsca.datasets.voc_file import check_images, read_list, read_objects
from mmsca.registry import DATASETS


@DATASETS.register_module(name='VOCObjects')
def voc_objects(**kwargs):
    """Build `mmdet.VOCDataset` once its files have passed all checks.

    mmdet drops objects whose name is unknown, and finds an image that is
    missing when it is due. mmdet takes seconds to import, hence a function.

    Args:
        **kwargs: As in `mmdet.VOCDataset`.

    Returns:
        VOCDataset: The data set.

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

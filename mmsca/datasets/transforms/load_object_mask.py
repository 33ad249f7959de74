"""Masks of objects, at the size of the input."""

from pathlib import Path

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmsca.evaluation.view import view_of
from mmsca.registry import TRANSFORMS
from mmsca.utils.errors import InputError
from mmsca.utils.segmentation import decode_segmentation


@TRANSFORMS.register_module()
class LoadObjectMask(BaseTransform):
    """Draw the objects of a sample as one mask that fits the input.

    Goes after all that resizes or cuts the image, and follows it by the
    nearest pixel. Adds `gt_mask`, uint8 (H, W): 1 where any object is, 255
    where pixels do not count and no object is, else 0. An object without a
    mask is not background: without `object_masks` all pixels are 255.

    Reads `object_masks` and `ignored_masks`, lists of paths of grey images,
    where black means outside, or of COCO segmentations (polygons or
    RLE), as `mmsca.WSOLDataset` and `mmsca.COCOLocalization` give them.
    """

    def transform(self, results: dict) -> dict:
        """Add `gt_mask`.

        Raises:
            InputError: If the data set has no masks, or a file of one is
                missing.
        """
        if 'object_masks' not in results:
            raise InputError(
                f'{results["img_path"]} has no mask. LoadObjectMask needs '
                'a data set with masks: COCO segmentations, or lines '
                '`path,mask,ignore` in localization.txt.'
            )
        view = view_of(results)
        if not results['object_masks']:
            results['gt_mask'] = np.full(view.shape, 255, dtype=np.uint8)
            return results
        # Files of masks have a size of their own.
        size = results.get('ori_size')

        def union(sources):
            drawn = np.zeros(view.shape, dtype=bool)
            for source in sources:
                # Each by itself: files may differ in size.
                drawn |= view.mask(read_mask(source, size)) > 0
            return drawn

        objects = union(results['object_masks'])
        mask = objects.astype(np.uint8)
        mask[union(results['ignored_masks']) & ~objects] = 255
        results['gt_mask'] = mask
        return results


def read_mask(
    source: str | dict | list, size: tuple[int, int] | None
) -> np.ndarray:
    """Mask of one object, of a grey image or as `decode_segmentation`."""
    if isinstance(source, str):
        gray = None
        if Path(source).is_file():
            gray = cv2.imread(source, cv2.IMREAD_GRAYSCALE)
        if gray is None:
            raise InputError(
                f'the mask {source} does not exist or is no image. Masks lie '
                'where localization.txt says, relative to `data_root`.'
            )
        return (gray > 0).astype(np.uint8)
    return decode_segmentation(source, size)

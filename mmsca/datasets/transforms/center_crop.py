"""A centre crop that boxes and masks can follow."""

import numpy as np
from mmcv.transforms import CenterCrop as MMCVCenterCrop

from mmsca.registry import TRANSFORMS


@TRANSFORMS.register_module()
class CenterCrop(MMCVCenterCrop):
    """`CenterCrop` that records where it cut.

    Adds `crop_window`, integers (x, y, W, H): the upper left corner of the
    cut in the image of W x H pixels that it was taken from. With
    `scale_factor` of a resizing before it, this says where any pixel of the
    image went; see `mmsca.evaluation.view`. List it in `algorithm_keys` of
    `PackInputs`. Arguments are those of `mmcv.transforms.CenterCrop`.
    """

    def _crop_img(self, results: dict, bboxes: np.ndarray) -> None:
        height, width = results['img'].shape[:2]
        x, y = (int(value) for value in bboxes[:2])
        results['crop_window'] = (x, y, width, height)
        super()._crop_img(results, bboxes)

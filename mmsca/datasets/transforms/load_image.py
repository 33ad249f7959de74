"""The first step of every pipeline that is not mmsca.MultiCrop."""

import cv2
from mmcv.transforms import BaseTransform

from mmsca.registry import TRANSFORMS
from mmsca.utils.image_file import ImageFile


@TRANSFORMS.register_module()
class LoadImage(BaseTransform):
    """Read an image as all of mmsca does; takes no arguments.

    In place of `LoadImageFromFile`, which reads some kinds of images in
    another way and does not see whether annotations fit the image. Reads
    `img_path` and adds `img` (BGR, uint8, (H, W, 3)), `img_shape` and
    `ori_shape`.

    The image is turned upright as its EXIF orientation says, unless its
    annotations were drawn on it as it is stored. The size that they are for
    tells: `ori_size`, or `width` and `height` as in mmdet.
    """

    def transform(self, results: dict) -> dict:
        """Read the image of a sample.

        Raises:
            InputError: If the image cannot be read, or has another size
                than its annotations are for.
        """
        file = ImageFile(results['img_path'])
        upright = file.is_upright(annotated_size(results, file))
        img = cv2.cvtColor(file.decode(upright=upright), cv2.COLOR_RGB2BGR)
        shape = img.shape[:2]
        results.update(img=img, img_shape=shape, ori_shape=shape)
        return results


def annotated_size(results: dict, file: ImageFile) -> tuple[int, int] | None:
    """Width and height that the annotations of a sample are for, if known.

    Where it has files of masks and no size, the first mask says whether the
    image was lying or standing.
    """
    if 'ori_size' in results:
        return tuple(results['ori_size'])
    if 'width' in results and 'height' in results:
        return results['width'], results['height']
    masks = results.get('object_masks')
    if masks and file.size != file.stored_size:
        # Files of masks have sizes of their own.
        width, height = ImageFile(masks[0]).size
        stored_width, stored_height = file.stored_size
        if (width - height) * (stored_width - stored_height) > 0:
            return file.stored_size
    return None

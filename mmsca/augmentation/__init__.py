"""What happens to an image: crops and colours, in the loader or on a device.

`draw_boxes` and `Recipe` draw numbers. `augment` applies those of a recipe to
a batch of tensors, `augment_image` to one picture: the fast path and its
reference. `Crops` and `grid_in` relate the views of an image to one another.
"""

from mmsca.augmentation.batch import augment
from mmsca.augmentation.crops import Crops, draw_boxes, grid_in
from mmsca.augmentation.image import augment_image
from mmsca.augmentation.recipe import Recipe

__all__ = [
    'Crops',
    'Recipe',
    'augment',
    'augment_image',
    'draw_boxes',
    'grid_in',
]

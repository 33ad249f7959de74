"""What happens to an image: crops and colours, in the loader or on a device.

`draw_boxes` and `Recipe` draw numbers. `augment` applies those of a recipe to
a batch of tensors, `augment_image` to one picture: the fast path and its
reference. `Crops` says where the views of an image lie.
"""

from mmsca.augmentation.batch import augment
from mmsca.augmentation.crops import Crops, draw_boxes
from mmsca.augmentation.image import augment_image
from mmsca.augmentation.recipe import Recipe

from mmsca.datasets.transforms.center_crop import CenterCrop  # noqa: F401
from mmsca.datasets.transforms.load_image import LoadImage  # noqa: F401
from mmsca.datasets.transforms.load_object_mask import (
    LoadObjectMask,  # noqa: F401
)
from mmsca.datasets.transforms.multi_crop import MultiCrop  # noqa: F401
from mmsca.datasets.transforms.seed_draw import SeedDraw  # noqa: F401

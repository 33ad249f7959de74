from mmsca.datasets.transforms.multi_crop import MultiCrop  # noqa: F401
from mmsca.datasets.transforms.seed_draw import SeedDraw  # noqa: F401

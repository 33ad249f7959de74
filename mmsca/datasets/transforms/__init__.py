from mmsca.datasets.transforms.center_crop import CenterCrop
from mmsca.datasets.transforms.load_image import LoadImage
from mmsca.datasets.transforms.load_object_mask import LoadObjectMask
from mmsca.datasets.transforms.multi_crop import MultiCrop
from mmsca.datasets.transforms.seed_draw import SeedDraw

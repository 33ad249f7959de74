from mmsca.datasets.class_folders import ClassFolders  # noqa: F401
from mmsca.datasets.coco_instances import coco_instances  # noqa: F401
from mmsca.datasets.image_folder import ImageFolder  # noqa: F401
from mmsca.datasets.listed_images import ListedImages  # noqa: F401
from mmsca.datasets.object_boxes import (
    COCOLocalization,  # noqa: F401
    VOCLocalization,  # noqa: F401
)
from mmsca.datasets.pack_views import pack_views  # noqa: F401
from mmsca.datasets.samplers import KeyedSampler  # noqa: F401
from mmsca.datasets.stack_images import stack_images  # noqa: F401
from mmsca.datasets.voc_objects import voc_objects  # noqa: F401
from mmsca.datasets.wsol import WSOLDataset  # noqa: F401

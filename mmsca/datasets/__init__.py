from mmsca.datasets.class_folders import ClassFolders
from mmsca.datasets.collate import pack_views, stack_images
from mmsca.datasets.image_folder import ImageFolder
from mmsca.datasets.listed_images import ListedImages
from mmsca.datasets.mmdet_datasets import coco_instances, voc_objects
from mmsca.datasets.object_boxes import COCOLocalization, VOCLocalization
from mmsca.datasets.samplers import KeyedSampler
from mmsca.datasets.wsol import WSOLDataset

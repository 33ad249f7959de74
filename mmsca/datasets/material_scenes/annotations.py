"""Labels, boxes and masks of scenes in COCO and WSOL form."""

from collections import defaultdict
from pathlib import Path

import numpy as np
from pycocotools import mask as mask_utils

from mmsca.datasets.material_scenes.outlines import tight_box
from mmsca.datasets.material_scenes.photographs import CLASSES
from mmsca.datasets.material_scenes.scenes import Scene


def encode_mask(mask: np.ndarray) -> dict:
    """Compressed run-length encoding of a bool (H, W), as COCO JSON has it."""
    code = mask_utils.encode(np.asfortranarray(mask.astype(np.uint8)))
    return dict(
        size=[int(n) for n in code['size']], counts=code['counts'].decode()
    )


class CocoInstances:
    """Collects scenes into the COCO instances format.

    Category ids are labels + 1, image and annotation ids count from 1.

    Attributes:
        content (dict): Of the JSON file.
    """

    def __init__(self):
        self.content = dict(
            info=dict(description='MaterialScenes'),
            images=[],
            annotations=[],
            categories=[
                dict(id=label + 1, name=name, supercategory='material')
                for label, name in enumerate(CLASSES)
            ],
        )

    def add(self, file_name: str, scene: Scene):
        """Append a scene under the name that the JSON gives the image."""
        height, width = scene.image.shape[:2]
        images = self.content['images']
        annotations = self.content['annotations']
        image_id = len(images) + 1
        images.append(
            dict(id=image_id, file_name=file_name, width=width, height=height)
        )
        for mask, label in zip(scene.masks, scene.labels, strict=True):
            x0, y0, x1, y1 = tight_box(mask)
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=image_id,
                    category_id=int(label) + 1,
                    bbox=[x0, y0, x1 - x0, y1 - y0],
                    area=int(mask.sum()),
                    segmentation=encode_mask(mask),
                    iscrowd=0,
                )
            )


class WsolMetadata:
    """Collects single-object scenes into the text files of wsolevaluation.

    The four files are `image_ids.txt` (path), `class_labels.txt`
    (path,label), `image_sizes.txt` (path,width,height) and
    `localization.txt` (path,x0,y0,x1,y1). Boxes are integers in pixels of
    the image with exclusive end: x1 = x0 + width, y1 = y0 + height.
    """

    def __init__(self):
        self.lines = defaultdict(list)

    def add(self, path: str, scene: Scene):
        """Append a scene of one object.

        Args:
            path (str): Path of the image below the root of the data set.
            scene (Scene): The scene.
        """
        height, width = scene.image.shape[:2]
        x0, y0, x1, y1 = tight_box(scene.masks[0])
        self.lines['image_ids'].append(path)
        self.lines['class_labels'].append(f'{path},{scene.labels[0]}')
        self.lines['image_sizes'].append(f'{path},{width},{height}')
        self.lines['localization'].append(f'{path},{x0},{y0},{x1},{y1}')

    def write(self, folder: Path):
        """Write the four files into a new folder."""
        folder.mkdir(parents=True)
        for name, lines in self.lines.items():
            text = '\n'.join(lines) + '\n'
            (folder / f'{name}.txt').write_text(text, encoding='utf-8')

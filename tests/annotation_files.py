"""Small annotations in the formats of COCO and of Pascal VOC."""

import json


def coco_object(image_id: int, category_id: int, box, **fields) -> dict:
    """An object of COCO that fills its box.

    Args:
        box (list): x, y, width, height, in pixels.
        **fields: Further fields of the object, or other values of these.
    """
    x, y, width, height = box
    ends = x + width, y + height
    given = dict(
        image_id=image_id,
        category_id=category_id,
        bbox=[x, y, width, height],
        area=width * height,
        iscrowd=0,
        segmentation=[[x, y, ends[0], y, *ends, x, ends[1]]],
    )
    return given | fields


def coco_content(images: dict, names: dict, objects: list[dict]) -> dict:
    """What a file of COCO holds.

    Args:
        images (dict): File name, width and height of each image, by id.
        names (dict): Names of the categories, by id.
        objects (list[dict]): See :func:`coco_object`; their ids number them.
    """
    return dict(
        images=[
            dict(id=i, file_name=name, width=width, height=height)
            for i, (name, width, height) in images.items()
        ],
        categories=[dict(id=i, name=name) for i, name in names.items()],
        annotations=[dict(id=i) | o for i, o in enumerate(objects, 100)],
    )


def write_coco(path, *content) -> None:
    """Write a file of :func:`coco_content`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(coco_content(*content)))


def voc_xml(size, *objects, difficult: int = 0) -> str:
    """A file of VOC.

    Args:
        size (tuple | None): Width and height, if it says them.
        *objects (tuple): Name, xmin, ymin, xmax, ymax, counted from 1.
    """
    text = ''
    if size:
        width, height = size
        text = f'<size><width>{width}</width><height>{height}</height></size>'
    for name, *box in objects:
        corners = zip(('xmin', 'ymin', 'xmax', 'ymax'), box, strict=True)
        box = ''.join(f'<{key}>{value}</{key}>' for key, value in corners)
        text += (
            f'<object><name>{name}</name><difficult>{difficult}</difficult>'
            f'<bndbox>{box}</bndbox></object>'
        )
    return f'<annotation>{text}</annotation>'

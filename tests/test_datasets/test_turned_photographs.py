"""Boxes lie on their objects, whichever way round a photograph was drawn."""

import numpy as np
import pytest
from annotation_files import coco_object, voc_xml, write_coco
from mmengine.registry import DATASETS, init_default_scope
from PIL import Image

from mmsca.utils.errors import InputError

# The size of the image that was annotated, and the box of its object.
LYING = (40, 24), (24, 0, 40, 8)
STANDING = (24, 40), (16, 24, 24, 40)
LOAD = dict(type='mmsca.LoadImage')


@pytest.fixture
def root(tmp_path):
    """Black but for a white object; stored lying, upright standing."""
    stored = np.zeros((24, 40, 3), np.uint8)
    stored[:8, 24:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / 'JPEGImages/a.jpg'
    path.parent.mkdir()
    Image.fromarray(stored).save(path, exif=exif, quality=95, subsampling=0)
    return tmp_path


def coco_file(root, size, box):
    x0, y0, x1, y1 = box
    objects = [coco_object(1, 1, [x0, y0, x1 - x0, y1 - y0])]
    write_coco(root / 'a.json', {1: ('a.jpg', *size)}, {1: 'cat'}, objects)


def build_coco(root, size, box):
    coco_file(root, size, box)
    return dict(
        type='mmsca.COCOLocalization',
        data_root=str(root),
        ann_file='a.json',
        data_prefix='JPEGImages',
        pipeline=[LOAD],
    )


def build_mmdet_coco(root, size, box):
    coco_file(root, size, box)
    init_default_scope('mmdet')
    return dict(
        type='CocoDataset',
        data_root=str(root),
        ann_file='a.json',
        data_prefix=dict(img='JPEGImages'),
        metainfo=dict(classes=('cat',)),
        pipeline=[
            LOAD,
            dict(type='LoadAnnotations', with_bbox=True, with_mask=True),
        ],
    )


def voc_files(root, size, box):
    x0, y0, x1, y1 = box
    (root / 'Annotations').mkdir()
    text = voc_xml(size, ('cat', x0 + 1, y0 + 1, x1, y1))
    (root / 'Annotations/a.xml').write_text(text)
    (root / 'a.txt').write_text('a\n')


def build_voc(root, size, box):
    voc_files(root, size, box)
    return dict(
        type='mmsca.VOCLocalization',
        data_root=str(root),
        ann_file='a.txt',
        pipeline=[LOAD],
    )


def build_mmdet_voc(root, size, box):
    (root / 'VOC2007').mkdir()  # it reads the year out of the root
    # It takes the last pixel of a box for its end.
    voc_files(root, size, (*box[:2], box[2] + 1, box[3] + 1))
    init_default_scope('mmdet')
    return dict(
        type='VOCDataset',
        data_root=f'{root}/VOC2007',
        ann_file='../a.txt',
        data_prefix=dict(sub_data_root='../'),
        metainfo=dict(classes=('cat',)),
        pipeline=[LOAD, dict(type='LoadAnnotations', with_bbox=True)],
    )


def wsol_files(root, line):
    (root / 'image_ids.txt').write_text('JPEGImages/a.jpg\n')
    (root / 'class_labels.txt').write_text('JPEGImages/a.jpg,0\n')
    (root / 'localization.txt').write_text(f'JPEGImages/a.jpg,{line}\n')
    return dict(
        type='mmsca.WSOLDataset',
        data_root=str(root),
        ann_file=str(root),
        pipeline=[LOAD],
    )


def build_wsol(root, size, box):
    (root / 'image_sizes.txt').write_text(
        f'JPEGImages/a.jpg,{size[0]},{size[1]}\n'
    )
    return wsol_files(root, ','.join(map(str, box)))


def build_wsol_masks(root, size, box):
    mask = np.zeros(size[::-1], np.uint8)
    mask[box[1] : box[3], box[0] : box[2]] = 255
    # Masks may be smaller than their images.
    Image.fromarray(mask[::2, ::2]).save(root / 'a.png')
    cfg = wsol_files(root, 'a.png,')
    cfg['pipeline'] = [LOAD, dict(type='mmsca.LoadObjectMask')]
    return cfg


BUILDERS = [
    build_coco,
    build_mmdet_coco,
    build_voc,
    build_mmdet_voc,
    build_wsol,
    build_wsol_masks,
]


def load(build, root, size, box):
    return DATASETS.build(build(root, size, box))[0]


@pytest.mark.parametrize('annotated', [LYING, STANDING])
@pytest.mark.parametrize('build', BUILDERS)
def test_objects_are_where_they_were_annotated(build, annotated, root):
    size, box = annotated
    results = load(build, root, *annotated)
    assert results['img_shape'] == results['ori_shape'] == size[::-1]
    drawn = np.zeros(size[::-1], np.uint8)
    if 'gt_mask' in results:
        drawn = results['gt_mask']
    else:
        boxes = results.get('gt_bboxes', results.get('ori_gt_bboxes'))
        boxes = getattr(boxes, 'tensor', boxes)
        assert boxes.tolist() == [list(box)]
        drawn[box[1] : box[3], box[0] : box[2]] = 1
    white = results['img'].min(axis=2) > 128
    np.testing.assert_array_equal(white, drawn == 1)
    if 'gt_masks' in results:
        np.testing.assert_array_equal(
            results['gt_masks'].to_ndarray()[0], drawn
        )


@pytest.mark.parametrize('size', [(24, 24), (41, 24), (80, 48)])
@pytest.mark.parametrize('build', BUILDERS[:-1])
def test_annotations_of_another_size_are_an_error(build, size, root):
    message = (
        r"a.jpg' has 24 x 40 pixels, but its annotation is for "
        rf'{size[0]} x {size[1]}: .* correct width and height'
    )
    with pytest.raises(InputError, match=message):
        load(build, root, size, (1, 2, 11, 12))

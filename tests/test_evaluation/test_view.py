"""Boxes and masks follow the image through the transforms of a pipeline."""

import cv2
import numpy as np
import pytest
from mmcv.transforms import Compose
from mmengine.registry import init_default_scope

from mmsca.datasets.transforms import CenterCrop, LoadObjectMask  # noqa: F401
from mmsca.evaluation.view import view_of
from mmsca.utils.errors import InputError

SIZES = [(120, 80), (80, 120), (100, 100), (97, 61)]  # width, height


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmpretrain')


def pipeline(*transforms):
    return Compose(list(transforms))


def edge_and_crop(scale=64, crop=48):
    return pipeline(
        dict(type='mmpretrain.ResizeEdge', scale=scale, edge='short'),
        dict(type='mmsca.CenterCrop', crop_size=crop),
    )


def painted(size, box):
    """A black image with a white box."""
    width, height = size
    image = np.zeros((height, width, 3), dtype=np.uint8)
    x0, y0, x1, y1 = box
    image[y0:y1, x0:x1] = 255
    return dict(img=image, ori_shape=(height, width), img_path='a.png')


def visible(image):
    """Box around what is white in an image, x1 and y1 exclusive."""
    ys, xs = np.nonzero(image[..., 0] > 127)
    return [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]


@pytest.mark.parametrize('size', SIZES, ids=str)
@pytest.mark.parametrize(
    'box',
    [(0.3, 0.4, 0.6, 0.7), (0.0, 0.0, 0.5, 0.5), (0.4, 0.3, 1.0, 1.0)],
    ids=['inside', 'corner', 'other corner'],
)
def test_a_box_lies_where_its_pixels_are(size, box):
    box = (np.array(box) * np.tile(size, 2)).astype(int)
    results = edge_and_crop()(painted(size, box))
    view = view_of(results)
    assert results['img'].shape[:2] == view.shape == (48, 48)
    (found,) = view.boxes(box[None], size)
    (exact,) = view.boxes(box[None], size, exact=True)
    # Interpolation and truncation, a pixel at most.
    assert abs(found - visible(results['img'])).max() <= 1
    assert abs(exact - visible(results['img'])).max() <= 1
    assert (0 <= exact - found).all() and (exact - found < 1).all()


@pytest.mark.parametrize('size', [(120, 80), (80, 120)], ids=str)
def test_numbers_worked_out_by_hand(size):
    # 80 to 64: a factor of 0.8, 120 to 96; 24 pixels fall off at both ends
    # of the long side and 8 of the short one.
    long = size.index(120)
    box = np.array([[50, 40, 70, 60]])  # 40, 32, 56, 48 after resizing
    offset = [24, 8] if long == 0 else [8, 24]
    expected = np.array([40, 32, 56, 48]) - np.tile(offset, 2)
    view = view_of(edge_and_crop()(painted(size, box[0])))
    assert view.offset == tuple(offset)
    assert view.boxes(box, size).tolist() == [expected.tolist()]


def test_boxes_are_clipped_and_dropped_and_may_be_of_another_size():
    view = view_of(edge_and_crop()(painted((120, 80), (0, 0, 1, 1))))
    # The cut shows 30 to 90 and 10 to 70 of the image.
    boxes = np.array([[0, 0, 120, 80], [0, 0, 29, 80], [80, 60, 120, 80]])
    assert view.boxes(boxes, (120, 80)).tolist() == [
        [0, 0, 48, 48],
        [40, 40, 48, 48],
    ]
    expected = view.boxes(boxes, (120, 80))
    assert (view.boxes(boxes * 3, (360, 240)) == expected).all()


def test_the_whole_image_is_resized_as_the_benchmark_does():
    squeeze = dict(type='mmpretrain.Resize', scale=(50, 40), keep_ratio=False)
    results = pipeline(squeeze)(painted((120, 80), (5, 6, 20, 30)))
    view = view_of(results)
    assert not view.cropped
    # Truncated, and not clipped: the edge may lie one pixel outside.
    boxes = np.array([[5, 6, 121, 80]])
    assert view.boxes(boxes, (120, 80)).tolist() == [[2, 3, 50, 40]]


def test_other_crops_and_padding_are_refused():
    crop = dict(type='mmpretrain.CenterCrop', crop_size=48)
    resize = dict(type='mmpretrain.ResizeEdge', scale=64)
    padded = dict(type='mmsca.CenterCrop', crop_size=96, auto_pad=True)
    for transforms in ([resize, crop], [crop], [resize, padded]):
        results = pipeline(*transforms)(painted((100, 80), (5, 6, 20, 30)))
        with pytest.raises(InputError, match=r'mmsca\.CenterCrop'):
            view_of(results)


def rectangle(size, box):
    """A polygon of COCO."""
    x0, y0, x1, y1 = (int(v) for v in box)
    return [[x0, y0, x1, y0, x1, y1, x0, y1]]


@pytest.mark.parametrize('size', SIZES, ids=str)
def test_masks_follow_the_image(size, tmp_path):
    box = (np.array([0.3, 0.2, 0.8, 0.7]) * np.tile(size, 2)).astype(int)
    crowd = (np.array([0.5, 0.5, 1.0, 1.0]) * np.tile(size, 2)).astype(int)
    sources = dict(polygon=([rectangle(size, box)], [rectangle(size, crowd)]))
    files = []
    # Files of another size than the image, and than one another.
    for i, (one, times) in enumerate(((box, 2), (crowd, 3))):
        big = painted([times * side for side in size], times * one)['img']
        files.append(str(tmp_path / f'{i}.png'))
        cv2.imwrite(files[-1], big[..., 0])
    sources['file'] = ([files[0]], [files[1]])
    for objects, ignored in sources.values():
        results = painted(size, box)
        results |= dict(
            object_masks=objects, ignored_masks=ignored, ori_size=size
        )
        results = edge_and_crop()(results)
        mask = LoadObjectMask()(results)['gt_mask']
        assert mask.shape == (48, 48) and mask.dtype == np.uint8
        inside = results['img'][..., 0] > 127
        assert abs((mask == 1).astype(int) - inside).mean() < 0.06
        # Beside the object the crowd is ignored; on it the object counts.
        both = dict(painted(size, crowd), img_path='b.png')
        crowded = edge_and_crop()(both)['img'][..., 0] > 127
        ignored = crowded & ~inside
        assert abs((mask == 255).astype(int) - ignored).mean() < 0.06
        assert set(np.unique(mask)) == {0, 1, 255}


def test_masks_that_are_not_there_are_named():
    results = painted((20, 20), (1, 1, 5, 5)) | dict(img_shape=(20, 20))
    with pytest.raises(InputError, match='has no mask'):
        LoadObjectMask()(dict(results))
    results |= dict(object_masks=['nowhere.png'], ignored_masks=[])
    with pytest.raises(InputError, match=r'nowhere\.png'):
        LoadObjectMask()(results)

import json

import numpy as np
import pytest
from annotation_files import coco_object, write_coco
from matplotlib.patches import Rectangle
from PIL import Image
from pycocotools import mask as mask_utils

from mmsca.visualization.detections import compare_detections, draw_instances
from mmsca.visualization.panels import panel_grid, read_image

NAMES = {1: 'brick', 2: 'coins'}


def make_instance(category, box, **fields):
    """An instance whose mask, in RLE, fills its box."""
    x, y, w, h = box
    mask = np.zeros((40, 40), dtype=np.uint8, order='F')
    mask[y : y + h, x : x + w] = 1
    code = mask_utils.encode(mask)
    code['counts'] = code['counts'].decode()
    return coco_object(1, category, box, segmentation=code, **fields)


def test_box_encloses_the_pixels_of_the_mask():
    _, grid = panel_grid(1, ['x'])
    image = np.zeros((40, 40, 3), dtype=np.uint8)
    instance = make_instance(2, (5, 10, 20, 8), score=0.875)
    draw_instances(grid[0, 0], image, [instance], NAMES)
    (box,) = (p for p in grid[0, 0].patches if isinstance(p, Rectangle))
    assert box.get_bbox().extents.tolist() == [4.5, 9.5, 24.5, 17.5]
    layer = grid[0, 0].images[-1].get_array()  # (H, W, 4)
    ys, xs = np.nonzero(layer[..., 3])
    assert (xs.min(), ys.min(), xs.max(), ys.max()) == (5, 10, 24, 17)
    assert [t.get_text() for t in grid[0, 0].texts] == ['coins 0.88']


@pytest.fixture
def files(tmp_path):
    """Annotations of two grey images and results of one detector."""
    images = {i: (f'{i}.png', 40, 40) for i in (1, 2)}
    for name, *size in images.values():
        Image.new('RGB', size, (128, 128, 128)).save(tmp_path / name)
    truth = [make_instance(1, (4, 12, 16, 16))]
    write_coco(tmp_path / 'truth.json', images, NAMES, truth)
    results = [
        make_instance(1, (20, 20, 16, 16), score=0.9),
        make_instance(2, (4, 12, 16, 16), score=0.2),
    ]
    (tmp_path / 'results.json').write_text(json.dumps(results))
    return tmp_path


def test_detections_beside_the_ground_truth(files):
    out = files / 'out.png'
    compare_detections(
        files / 'truth.json', files, {'ours': files / 'results.json'}, out
    )
    image = read_image(out).astype(int)
    assert image.shape == ((2.4 * 2 + 0.4) * 150, 2 * 2.4 * 150, 3)
    grey = image.max(axis=2) - image.min(axis=2) == 0
    top, bottom = np.split(~grey[60:], 2)  # where there is colour
    truth, ours = np.split(top, 2, axis=1)
    # Ground truth lies left; of the results only the one at the right lower
    # corner has the score to be drawn.
    half = truth.shape[1] // 2
    assert truth[:, :half].sum() > 10 * truth[:, half + 20 :].sum()
    assert ours[:, half:].sum() > 10 * ours[:, : half - 20].sum()
    assert not bottom.any()

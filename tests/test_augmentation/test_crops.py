"""Where crops lie."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import kstest
from torchvision.transforms import RandomResizedCrop

from mmsca.augmentation import draw_boxes

COUNT = 3000


@pytest.mark.parametrize('scale', [(0.14, 1.0), (0.05, 0.14)])
@pytest.mark.parametrize('size', [(500, 375), (64, 64), (300, 90)])
def test_law_is_that_of_torchvision(size, scale):
    np.random.seed(0)
    boxes = draw_boxes(COUNT, size, scale)
    assert (boxes[:, :2] >= 0).all() and (boxes[:, 2:] <= size).all()
    torch.manual_seed(0)
    image = Image.new('L', size)
    theirs = np.array(
        [
            RandomResizedCrop.get_params(image, scale, (3 / 4, 4 / 3))
            for _ in range(COUNT)
        ]
    )  # top, left, height, width
    x0, y0, x1, y1 = boxes.T
    ours = np.stack([y0, x0, y1 - y0, x1 - x0])
    for values, expected in zip(
        [*ours, ours[2] * ours[3], ours[2] / ours[3]],
        [*theirs.T, theirs[:, 2] * theirs[:, 3], theirs[:, 2] / theirs[:, 3]],
        strict=True,
    ):
        assert kstest(values, expected).pvalue > 0.01


@pytest.mark.parametrize('size', [(1000, 20), (20, 1000), (1, 1)])
def test_where_nothing_fits_the_box_is_that_of_torchvision(size):
    boxes = draw_boxes(5, size, (1.0, 1.0))
    image = Image.new('L', size)
    top, left, height, width = RandomResizedCrop.get_params(
        image, (1.0, 1.0), (3 / 4, 4 / 3)
    )
    expected = [left, top, left + width, top + height]
    assert boxes.tolist() == [expected] * 5

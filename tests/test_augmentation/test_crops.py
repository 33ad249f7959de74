"""Where crops lie, and where they lie in one another."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.stats import kstest
from torchvision.transforms import RandomResizedCrop

from mmsca.augmentation import Crops, draw_boxes, grid_in

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


def random_crops(count, seed):
    np.random.seed(seed)
    boxes = torch.from_numpy(draw_boxes(count, (500, 375), (0.1, 1.0)))
    return Crops(boxes, torch.arange(count) % (seed + 2) == 0)


def test_a_view_lies_in_itself():
    crops = random_crops(6, 0)
    grid = grid_in(crops, crops, (3, 4))
    x = torch.tensor([-0.75, -0.25, 0.25, 0.75]).expand(6, 3, 4)
    y = torch.tensor([-2 / 3, 0, 2 / 3])[:, None].expand(6, 3, 4)
    torch.testing.assert_close(grid, torch.stack([x, y], -1))


def test_grid_by_hand():
    """The left half in the whole, which is mirrored."""
    half = Crops(torch.tensor([[0, 0, 50, 100]]), torch.tensor([False]))
    whole = Crops(torch.tensor([[0, 0, 100, 100]]), torch.tensor([True]))
    (grid,) = grid_in(half, whole, (1, 2))
    assert grid.tolist() == [[[0.75, 0.0], [0.25, 0.0]]]
    (back,) = grid_in(whole, half, (1, 2))
    assert back.tolist() == [[[2.0, 0.0], [0.0, 0.0]]]


def test_sampling_another_view_gives_the_same_pixels():
    """Views of a ramp, whose pixels say where they come from."""
    source, target = random_crops(8, 1), random_crops(8, 3)
    shape = (6, 7)

    def ramp_of(crops, shape):
        """x and y in the image of each cell, (N, 2, H, W)."""
        image = Crops(
            torch.tensor([0, 0, 500, 375]).expand(8, 4),
            torch.zeros(8, dtype=torch.bool),
        )
        return grid_in(crops, image, shape).permute(0, 3, 1, 2)

    grid = grid_in(source, target, shape)
    sampled = F.grid_sample(
        ramp_of(target, (40, 50)), grid, align_corners=False
    ).permute(0, 2, 3, 1)
    expected = ramp_of(source, shape).permute(0, 2, 3, 1)
    shown = (grid.abs() < 0.97).all(dim=-1)  # off the edge pixels
    assert shown.float().mean() > 0.2
    torch.testing.assert_close(
        sampled[shown], expected[shown], rtol=0, atol=1e-4
    )

"""The blur against PIL's own."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from mmsca.augmentation.blur import blur_matrix, gaussian_blur, small_matrix

RADII = torch.tensor([0.0, 0.1, 0.5, 1.0, 1.4, 1.45, 1.7, 2.0])


def blurred_by_pil(views, radii):
    images = [
        np.array(
            Image.fromarray(view.permute(1, 2, 0).numpy()).filter(
                ImageFilter.GaussianBlur(radius)
            )
        )
        for view, radius in zip(views, radii.tolist(), strict=True)
    ]
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize('size', [5, 16, 24, 25, 48, 96, 101])
def test_equals_pil_with_its_edges(size):
    generator = torch.Generator().manual_seed(size)
    views = torch.randint(0, 256, (8, 3, size, size), generator=generator)
    views = views.to(torch.uint8)
    expected = blurred_by_pil(views, RADII)
    blurred = gaussian_blur(views.float(), RADII)
    # PIL rounds after each of its six passes.
    gap = (blurred - expected).abs()
    assert gap.max() <= 3 and gap.mean() < 0.6


@pytest.mark.parametrize('size', [25, 32, 96])
def test_large_matrix_equals_its_definition(size):
    assert torch.equal(
        blur_matrix(RADII, size) != 0, small_matrix(RADII, size) != 0
    )
    torch.testing.assert_close(
        blur_matrix(RADII, size), small_matrix(RADII, size)
    )


@pytest.mark.parametrize('radius', [0.3, 1.0, 1.41, 1.42, 2.0])
def test_variance_is_that_of_the_gaussian(radius):
    kernel = blur_matrix(torch.tensor([radius]), 41)[0, 20].double()
    offsets = torch.arange(41) - 20.0
    assert kernel.sum().item() == pytest.approx(1, abs=1e-6)
    variance = (kernel * offsets**2).sum().item()
    assert variance == pytest.approx(radius**2, rel=1e-5)


def test_what_is_left_as_it_was():
    constant = torch.full((8, 3, 40, 40), 200.0)
    torch.testing.assert_close(gaussian_blur(constant, RADII), constant)
    views = 255 * torch.rand(8, 3, 40, 40)
    unblurred = gaussian_blur(views, torch.zeros(8))
    torch.testing.assert_close(unblurred, views)
    expected = gaussian_blur(views, RADII)  # whatever autocast says
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert torch.equal(gaussian_blur(views, RADII), expected)

"""Colour operations against torchvision, on tensors and on PIL images."""

import numpy as np
import pytest
import torch
import torchvision.transforms.functional as F
from PIL import Image

from mmsca.augmentation import color

FACTORS = [0.0, 0.2, 0.7, 1.0, 1.3, 1.8, 3.0]
HUES = [-0.5, -0.2, -0.07, 0.0, 0.1, 0.2, 0.5]
KINDS = ['noise', 'constant', 'extreme', 'pale']


def views_of(kind, count=7, shape=(19, 33)):
    """uint8 (N, 3, H, W)."""
    generator = torch.Generator().manual_seed(len(kind))
    size = (count, 3, *shape)
    if kind == 'noise':
        views = torch.randint(0, 256, size, generator=generator)
    elif kind == 'constant':
        views = torch.randint(0, 256, (count, 3, 1, 1), generator=generator)
        views = views.expand(size)
    elif kind == 'extreme':  # black, white, pure and mixed colours
        views = 255 * torch.randint(0, 2, size, generator=generator)
    else:  # hardly any colour
        views = torch.randint(126, 129, size, generator=generator)
    return views.to(torch.uint8)


def on_tensors(name, views, values):
    """torchvision's outcome in levels, one view at a time."""
    operation = getattr(F, name)
    return 255 * torch.stack(
        [
            operation(view / 255, value)
            for view, value in zip(views, values, strict=True)
        ]
    )


def on_images(operation, views, values):
    images = [Image.fromarray(v.permute(1, 2, 0).numpy()) for v in views]
    images = [
        np.array(operation(image, value))
        for image, value in zip(images, values, strict=True)
    ]
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize(
    'name', ['brightness', 'contrast', 'saturation', 'hue']
)
def test_equals_torchvision_on_tensors(name, kind):
    views = views_of(kind)
    values = HUES if name == 'hue' else FACTORS
    change = getattr(color, f'adjust_{name}')
    changed = change(views.float(), torch.tensor(values))
    expected = on_tensors(f'adjust_{name}', views.double(), values).float()
    # torchvision rounds one weight of the gray to 0.2989.
    torch.testing.assert_close(changed, expected, rtol=0, atol=0.06)


def test_hue_keeps_the_extremes_of_a_pixel():
    views = views_of('noise').float()
    turned = color.adjust_hue(views, torch.tensor(HUES))
    for extreme in (torch.amax, torch.amin):
        torch.testing.assert_close(
            extreme(turned, 1), extreme(views, 1), rtol=0, atol=1e-3
        )


@pytest.mark.parametrize('kind', KINDS)
def test_gray_equals_pil_but_for_its_rounding(kind):
    views = views_of(kind)
    expected = on_images(
        lambda image, _: F.rgb_to_grayscale(image, 3), views, FACTORS
    )
    gap = (color.to_gray(views.float()) - expected).abs()
    assert gap.max() <= 0.51


@pytest.mark.parametrize('threshold', [0, 1, 128, 255, 256])
def test_solarize_equals_pil(threshold):
    views = views_of('noise')
    thresholds = torch.full((7,), float(threshold))
    solarized = color.solarize(views.float(), thresholds)
    assert torch.equal(
        solarized, on_images(F.solarize, views, thresholds.tolist())
    )

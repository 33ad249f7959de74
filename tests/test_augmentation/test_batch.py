"""A batch of tensors against single pictures by PIL."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from mmsca.augmentation import Recipe, augment, augment_image
from mmsca.augmentation.batch import apply_recipe
from mmsca.augmentation.recipe import NEUTRAL

BUSY = Recipe(solarize=0.2, gray=0.3)


def drawn(count, recipe=BUSY, seed=3):
    np.random.seed(seed)
    return torch.from_numpy(recipe.draw(count))


def smooth_views(count, size, seed=0):
    """Clouds of colour, uint8 (N, 3, S, S)."""
    generator = torch.Generator().manual_seed(seed)
    coarse = 255 * torch.rand(count, 3, 6, 6, generator=generator)
    views = F.interpolate(coarse, (size, size), mode='bilinear')
    return views.to(torch.uint8)


def by_pil(views, parameters):
    images = [
        np.array(
            augment_image(
                Image.fromarray(view.permute(1, 2, 0).numpy()), row.numpy()
            )
        )
        for view, row in zip(views, parameters, strict=True)
    ]
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize('size', [24, 96])
def test_equals_pil_but_for_its_rounding(size):
    views = smooth_views(100, size)
    parameters = drawn(100, Recipe())
    gap = (augment(views, parameters) - by_pil(views, parameters)).abs()
    assert gap.mean() < 1.5
    assert gap.mean(dim=(1, 2, 3)).max() < 4
    # PIL knows 256 hues; later operations enlarge the difference.
    assert gap.flatten()[::7].quantile(0.999) < 12


@pytest.mark.parametrize('size', [24, 300])
def test_batch_equals_single_views(size):
    """Whatever the others take, with one chunk or many."""
    views = smooth_views(12, size)
    parameters = drawn(12)
    together = augment(views, parameters)
    single = torch.cat(
        [
            augment(views[i : i + 1], parameters[i : i + 1])
            for i in range(len(views))
        ]
    )
    torch.testing.assert_close(together, single, rtol=0, atol=1e-3)
    whole = apply_recipe(views.float(), parameters.numpy())
    torch.testing.assert_close(together, whole, rtol=0, atol=1e-3)


def test_nothing_drawn_is_the_image():
    views = smooth_views(5, 30)
    neutral = torch.from_numpy(np.tile(NEUTRAL, (5, 1)))
    assert torch.equal(augment(views, neutral), views.float())
    assert torch.equal(by_pil(views, neutral), views.float())


def test_flip_mirrors_columns():
    views = smooth_views(3, 10)
    parameters = torch.from_numpy(np.tile(NEUTRAL, (3, 1)))
    parameters[1, 0] = 1
    flipped = augment(views, parameters)
    assert torch.equal(flipped[1], views[1].flip(2).float())
    assert torch.equal(flipped[::2], views[::2].float())


def test_order_of_the_jitter_counts():
    """Half the contrast, twice the brightness; and the other way round."""
    views = torch.tensor([100, 200], dtype=torch.uint8)
    views = views.expand(2, 3, 2, 2).contiguous()
    parameters = torch.from_numpy(np.tile(NEUTRAL, (2, 1)))
    parameters[:, 1:3] = torch.tensor([2.0, 0.5])
    parameters[:, 5:9] = torch.tensor([[1.0, 0, 2, 3], [0, 1, 2, 3]])
    first, second = augment(views, parameters)[:, 0, 0]
    assert first.tolist() == pytest.approx([250, 255], abs=1e-3)
    assert second.tolist() == pytest.approx([213.75, 241.25], abs=1e-3)


def test_input_is_left_as_it_was():
    views = smooth_views(9, 20)
    kept = views.clone()
    augment(views, drawn(9))
    assert torch.equal(views, kept)

"""What is drawn, against what is asked for and what torchvision draws."""

from collections import Counter

import numpy as np
import pytest
import torch
from scipy.stats import chisquare, kstest
from torchvision.transforms import ColorJitter

from mmsca.augmentation import Recipe
from mmsca.augmentation.recipe import COLUMNS, JITTER, NEUTRAL, SLOTS
from mmsca.utils.errors import InputError

COUNT = 4000


def drawn(recipe, seed=0, count=COUNT):
    np.random.seed(seed)
    parameters = recipe.draw(count)
    assert parameters.dtype == np.float32
    return dict(zip(COLUMNS, parameters.T, strict=True)), parameters


def test_probabilities_are_those_of_the_recipe():
    recipe = Recipe(solarize=0.3)
    columns, _ = drawn(recipe)
    for name, column, off in [
        ('flip', 'flip', 0),
        ('jitter', 'slot_0', -1),
        ('gray', 'gray', 0),
        ('blur', 'blur', 0),
        ('solarize', 'solarize', 256),
    ]:
        share = (columns[column] != off).mean()
        spread = 4 * np.sqrt(0.25 / COUNT)
        assert share == pytest.approx(getattr(recipe, name), abs=spread)


@pytest.mark.parametrize('certain', [0.0, 1.0])
def test_certain_is_certain(certain):
    names = ['flip', 'jitter', 'gray', 'blur', 'solarize']
    _, parameters = drawn(Recipe(**dict.fromkeys(names, certain)))
    if certain:
        columns = [0, *range(5, 12)]
        assert (parameters[:, columns] != NEUTRAL[columns]).all()
    else:
        assert (parameters == NEUTRAL).all()


@pytest.mark.parametrize('strength', [0.4, 0.8, 1.5])
def test_jitter_has_the_law_of_torchvision(strength):
    recipe = Recipe(
        jitter=1, **dict.fromkeys(JITTER[:3], strength), hue=strength / 4
    )
    columns, parameters = drawn(recipe)
    torch.manual_seed(0)
    jitter = ColorJitter(*[strength] * 3, strength / 4)
    theirs = [
        ColorJitter.get_params(
            jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue
        )
        for _ in range(COUNT)
    ]
    for i, name in enumerate(JITTER):
        expected = [values[1 + i] for values in theirs]
        assert kstest(columns[name], expected).pvalue > 0.01, name
    orders = Counter(map(tuple, parameters[:, SLOTS].astype(int)))
    assert len(orders) == 24
    assert chisquare(list(orders.values())).pvalue > 0.01


def test_radius_is_uniform():
    columns, _ = drawn(Recipe(blur=1, radius=(0.5, 1.5)))
    assert kstest(columns['blur'] - 0.5, 'uniform').pvalue > 0.01


def test_draws_are_independent():
    _, parameters = drawn(Recipe(jitter=1, blur=1))
    varied = parameters[:, parameters.std(axis=0) > 0]
    varied = np.delete(varied, range(5, 9), axis=1)  # an order is no number
    correlation = np.corrcoef(varied.T) - np.eye(varied.shape[1])
    assert np.abs(correlation).max() < 4 / np.sqrt(COUNT)


def test_probabilities_do_not_move_other_draws():
    """Runs with and without an operation stay paired in the others."""
    one, _ = drawn(Recipe())
    other, _ = drawn(Recipe(gray=0.9, flip=0.1))
    for name in ('brightness', 'hue', 'slot_2', 'blur'):
        np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.parametrize(
    'field',
    [
        dict(flip=1.2),
        dict(hue=0.6),
        dict(contrast=-0.1),
        dict(radius=(0.1, 3.0)),
        dict(radius=(-1, 1)),
        dict(threshold=300),
        dict(gray=float('nan')),
    ],
    ids=str,
)
def test_out_of_range_names_the_field(field):
    with pytest.raises(InputError, match=f'recipe.{next(iter(field))} '):
        Recipe(**field)

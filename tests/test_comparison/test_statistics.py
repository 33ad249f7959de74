import numpy as np
import pytest
from scipy import stats

from mmsca.comparison.statistics import (
    cells,
    holm,
    marked_cells,
    p_value,
    paired_difference,
    t_interval,
)


def test_interval_is_that_of_scipy():
    values = [3.0, 5.0, 4.5, 7.25]
    mean, half = t_interval(values)
    low, high = stats.t.interval(
        0.95, df=3, loc=np.mean(values), scale=stats.sem(values)
    )
    assert (mean - half, mean + half) == pytest.approx((low, high))
    assert t_interval([2.0]) == (2.0, None)


def test_p_value_agrees_with_the_interval():
    values = [1.0, 2.0, 1.5, 1.75]
    mean, half = t_interval(values)
    # Just as far from zero as the interval is wide.
    shifted = [v - mean + half for v in values]
    assert p_value(shifted) == pytest.approx(0.05)
    assert p_value([4.0]) == p_value([0.0, 0.0]) == 1
    assert p_value([1.0, 1.0]) == 0


@pytest.mark.parametrize(
    'p_values, expected',
    [
        # Holm's own steps: 0.05 / 4, / 3, / 2, / 1.
        ([0.01, 0.04, 0.03, 0.005], [True, False, False, True]),
        ([0.05], [True]),
        ([0.03, 0.03], [False, False]),
        ([0.02, 0.05], [True, True]),
        ([], []),
    ],
)
def test_holm(p_values, expected):
    assert holm(p_values) == expected


def test_differences_are_paired_by_seed():
    first = {0: dict(a=3.0, b=1.0), 1: dict(a=4.0), 2: dict(a=9.0)}
    second = {1: dict(a=1.5), 0: dict(a=1.0, c=5.0)}
    assert paired_difference(first, second) == {0: dict(a=2.0), 1: dict(a=2.5)}


def test_marks():
    differences = dict(
        clear={s: dict(a=5 + 0.01 * s, b=0.0) for s in range(3)},
        single={0: dict(a=9.0)},
        some={s: dict(a=4.0 + 2 * s, b=-s + 0.1) for s in range(3)},
    )
    assert cells(differences, ['a', 'c'], '+')['single'] == ['+9.0', '']
    assert marked_cells(differences, ['a', 'b']) == dict(
        clear=['+5.0 ± 0.0 **', '+0.0 ± 0.0'],
        single=['+9.0', ''],
        some=['+6.0 ± 5.0 *', '-0.9 ± 2.5'],
    )

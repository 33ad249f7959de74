"""What several seeds say about the backbones of a comparison.

Scores are nested dicts: name of a row -> seed -> column -> percentage. A seed
pairs the rows that have it. Rows may lack seeds, and runs columns.
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

CONFIDENCE = 0.95

SeedScores = dict[int, dict[str, float]]
Scores = dict[str, SeedScores]

INTERVALS = """\
Two seeds give wide intervals: ± is 12.7 standard errors, with five seeds \
2.8. A seed sets initial weights, order and crops; the images are the same \
for all. * marks an interval that leaves out zero, ** a difference that is \
significant at 5 % among all differences of the table (Holm's correction)."""


def t_interval(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean of independent measurements, and half the width of its t-interval.

    The interval is that of :data:`CONFIDENCE`; a single measurement has none.
    """
    mean = float(np.mean(values))
    if len(values) == 1:
        return mean, None
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
    return mean, float(quantile * stats.sem(values))


def p_value(values: Sequence[float]) -> float:
    """Of a t-test that the mean is zero; 1 for a single measurement."""
    mean, half = t_interval(values)
    if half is None or mean == 0:
        return 1.0
    return float(stats.ttest_1samp(values, 0).pvalue) if half else 0.0


def holm(p_values: Sequence[float]) -> list[bool]:
    """Which of several tests are significant together.

    Holm, A simple sequentially rejective multiple test procedure, 1979: from
    the smallest on, p must not exceed `1 - CONFIDENCE` over the number of
    tests that are left.
    """
    significant = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for done, index in enumerate(order):
        if p_values[index] > (1 - CONFIDENCE) / (len(p_values) - done):
            break
        significant[index] = True
    return significant


def paired_difference(first: SeedScores, second: SeedScores) -> SeedScores:
    """Scores of a row minus those of another at the same seed.

    They are in percentage points, of the seeds and columns that both have.
    """
    return {
        seed: {
            column: row[column] - second[seed][column]
            for column in row
            if column in second[seed]
        }
        for seed, row in first.items()
        if seed in second
    }


def values_of(seeds: SeedScores, column: str) -> list[float]:
    """One value per seed that has it."""
    return [row[column] for row in seeds.values() if column in row]


def interval(values: Sequence[float], sign: str = '') -> str:
    """Such as `+1.2 ± 3.4`; `sign` is that of a format specification."""
    if not values:
        return ''
    mean, half = t_interval(values)
    text = f'{mean:{sign}.1f}'
    return text if half is None else f'{text} ± {half:.1f}'


def cells(
    scores: Scores, columns: Sequence[str], sign: str = ''
) -> dict[str, list[str]]:
    """Intervals of each row, one text per column, blank if it has none."""
    return {
        name: [interval(values_of(seeds, c), sign) for c in columns]
        for name, seeds in scores.items()
    }


def marked_cells(
    differences: Scores, columns: Sequence[str]
) -> dict[str, list[str]]:
    """As :func:`cells`, of differences, with marks of significance."""
    tests = {
        (name, column): p_value(values)
        for name, seeds in differences.items()
        for column in columns
        if (values := values_of(seeds, column))
    }
    together = dict(zip(tests, holm(list(tests.values())), strict=True))
    texts = cells(differences, columns, '+')
    for name, row in texts.items():
        for index, column in enumerate(columns):
            if together.get((name, column)):
                row[index] += ' **'
            elif tests.get((name, column), 1) <= 1 - CONFIDENCE:
                row[index] += ' *'
    return texts

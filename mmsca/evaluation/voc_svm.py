"""Linear SVMs on frozen features of VOC2007, with all labels or few.

The protocol of "Scaling and Benchmarking Self-Supervised Visual
Representation Learning" (Goyal et al., 2019), in the settings of mmselfsup
(tools/benchmarks/classification/svm_voc07), whose numbers are published.
"""

from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC

from mmsca.utils.errors import InputError

# What mmselfsup tries: 1, 10, 100 and 2^-4 .. 2^-19.
COSTS = (1.0, 10.0, 100.0, *(0.5**n for n in range(4, 20)))
FOLDS = 3
# Labels in the lists of VOC.
PRESENT, ABSENT, DIFFICULT = 1, -1, 0


def average_precision(labels: np.ndarray, scores: np.ndarray) -> dict:
    """Average precision of one class, in the two ways of VOC.

    Args:
        labels (np.ndarray): 1 or -1, (N,); 0 is left out.
        scores (np.ndarray): Higher means more likely, (N,).

    Returns:
        dict: `area` under the curve of the best precision at that recall or
        above, which VOC has used since 2010 and mmselfsup for VOC2007;
        `11point`, the mean of that precision at recall 0, 0.1 .. 1 (VOC2007).
        In [0, 1].
    """
    keep = labels != DIFFICULT
    order = np.argsort(-scores[keep], kind='stable')
    hits = labels[keep][order] == PRESENT
    found = hits.cumsum()
    precision = found / np.arange(1, len(hits) + 1)
    # The best precision at this recall or a higher one.
    best = np.maximum.accumulate(precision[::-1])[::-1]
    # Rank at which a share t of the positives is found, t = 0, 0.1 .. 1.
    ranks = np.searchsorted(10 * found, np.arange(11) * found[-1])
    return {'area': best[hits].mean(), '11point': best[ranks].mean()}


def svm(cost: float) -> LinearSVC:
    """An SVM of one class, True, against the rest."""
    return LinearSVC(
        C=cost,
        class_weight={True: 2, False: 1},
        dual=True,
        max_iter=2000,
        random_state=0,
    )


def precision_on_test(
    cost: float,
    features: np.ndarray,
    labels: np.ndarray,
    test_features: np.ndarray,
    test_labels: np.ndarray,
) -> dict:
    """:func:`average_precision` on the test images after training.

    Arguments are those of :func:`full_svm`, for one class and one cost.
    Difficult images count as absent in training.
    """
    model = svm(cost).fit(features, labels == PRESENT)
    return average_precision(
        test_labels, model.decision_function(test_features)
    )


def chosen_cost(
    features: np.ndarray, labels: np.ndarray, costs: Sequence[float]
) -> float:
    """The C of the highest average precision in three-fold validation."""
    search = GridSearchCV(
        svm(costs[0]),
        dict(C=list(costs)),
        scoring='average_precision',
        cv=FOLDS,
        refit=False,
    )
    return search.fit(features, labels == PRESENT).best_params_['C']


def full_svm(
    features: np.ndarray,
    labels: np.ndarray,
    test_features: np.ndarray,
    test_labels: np.ndarray,
    costs: Sequence[float] = COSTS,
    jobs: int = 1,
) -> list[dict]:
    """Train on all labels, with a C for each class, and test.

    Args:
        features (np.ndarray): Training features of unit length, (N, D).
        labels (np.ndarray): 1, 0 or -1, (N, K).
        test_features (np.ndarray): (M, D).
        test_labels (np.ndarray): (M, K).
        costs (Sequence[float]): What C is chosen from.
        jobs (int): Processes, -1 for one per core.

    Returns:
        list[dict]: For each class `cost` and what
        :func:`average_precision` gives.
    """

    def one_class(column, test_column):
        cost = chosen_cost(features, column, costs)
        data = (features, column, test_features, test_column)
        return dict(cost=cost, **precision_on_test(cost, *data))

    return Parallel(jobs)(
        delayed(one_class)(*columns)
        for columns in zip(labels.T, test_labels.T, strict=True)
    )


def draw_shots(labels: np.ndarray, k: int, seed: int) -> list[np.ndarray]:
    """Few labelled images of each class: k with it and k (K - 1) without.

    Args:
        labels (np.ndarray): 1, 0 or -1, (N, K).
        k (int): Number of positives of a class.
        seed (int): Which draw.

    Returns:
        list[np.ndarray]: Rows for each class, the positives first.

    Raises:
        InputError: If a class has too few images.
    """
    generator = np.random.default_rng((seed, k))
    rows = []
    for column in labels.T:
        drawn = []
        for label, count in (
            (PRESENT, k),
            (ABSENT, k * (labels.shape[1] - 1)),
        ):
            (candidates,) = np.nonzero(column == label)
            if len(candidates) < count:
                raise InputError(
                    f'{k} shots need {count} images with label {label} of '
                    f'each class, but one class has {len(candidates)}. Leave '
                    f'{k} out of --shots.'
                )
            drawn.append(generator.choice(candidates, count, replace=False))
        rows.append(np.concatenate(drawn))
    return rows


def low_shot_svm(
    features: np.ndarray,
    labels: np.ndarray,
    test_features: np.ndarray,
    test_labels: np.ndarray,
    k: int,
    draws: int,
    costs: Sequence[float] = COSTS,
    jobs: int = 1,
) -> dict:
    """Train on k positives of each class, several times, and test.

    As few images cannot be split to choose C, the benchmark takes the one C
    with the highest score on the test images, mean over classes and draws.

    Args:
        features, labels, test_features, test_labels, costs, jobs: As in
            :func:`full_svm`.
        k (int): Number of positives of a class.
        draws (int): Number of draws, of seeds 0, 1 ..

    Returns:
        dict: `area`, `11point` and `std`, that of `area` over the draws, at
        the `cost`.
    """

    def one_class(cls, rows):
        data = (features[rows], labels[rows, cls])
        data += (test_features, test_labels[:, cls])
        return [
            list(precision_on_test(cost, *data).values()) for cost in costs
        ]

    precisions = Parallel(jobs)(
        delayed(one_class)(cls, rows)
        for seed in range(draws)
        for cls, rows in enumerate(draw_shots(labels, k, seed))
    )
    # (draws, K, C, 2): the areas, then the means of eleven points.
    table = np.array(precisions).reshape(draws, -1, len(costs), 2)
    area, points = np.moveaxis(table.mean(axis=1), 2, 0)  # (draws, C)
    best = int(area.mean(axis=0).argmax())
    return {
        'area': area[:, best].mean(),
        '11point': points[:, best].mean(),
        'std': area[:, best].std(),
        'cost': costs[best],
    }

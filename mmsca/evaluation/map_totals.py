"""Scores of a whole data set from those of its maps."""

import numpy as np

from mmsca.evaluation.baselines import BASELINES
from mmsca.evaluation.map_scores import NUM_ROWS, V2_IOUS
from mmsca.utils.errors import InputError

# Images whose hits are unpacked at a time.
CHUNK = 1024


def class_mean(values: np.ndarray, labels: np.ndarray) -> float:
    """Mean over classes of the means of values (N,) of each."""
    return np.mean([values[labels == k].mean() for k in np.unique(labels)])


def mean_baselines(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Metrics of the baselines, in percent.

    Args:
        scores (np.ndarray): Of `baseline_scores`, (N, 2, 7).
        labels (np.ndarray): Label of each sample, (N,).
    """
    metrics = {}
    means = 100 * scores.mean(axis=0, dtype=np.float64)  # (2, 7)
    for name, row in zip(BASELINES, means, strict=True):
        metrics[f'{name}_MaxBoxAcc'] = row[0]
        metrics[f'{name}_MaxBoxAccV2'] = row[1 : 1 + len(V2_IOUS)].mean()
        metrics[f'{name}_CorLoc'] = row[NUM_ROWS - 1]
        metrics[f'{name}_energy'] = row[-1]
    pointing = class_mean(scores[:, 0, NUM_ROWS], labels)
    metrics['centre_box_pointing'] = 100 * pointing
    return metrics


def without_skipped(results: list[dict | None]) -> list[dict]:
    """Results of the samples whose object the input shows.

    Raises:
        InputError: If there is none.
    """
    results = [result for result in results if result is not None]
    if not results:
        raise InputError(
            'no box of the data set that `area` allows reaches into the '
            'inputs of the model, so nothing can be localized. Cut less of '
            'the images off.'
        )
    return results


def hit_rates(results: list[dict], num_thresholds: int) -> np.ndarray:
    """Share of samples that hit, by row and threshold, (5, T)."""
    count = np.zeros((NUM_ROWS, num_thresholds), dtype=np.int64)
    # All at once would take 5 kB a sample.
    for start in range(0, len(results), CHUNK):
        packed = np.stack([r['hits'] for r in results[start : start + CHUNK]])
        count += np.unpackbits(packed, axis=2, count=num_thresholds).sum(
            axis=0, dtype=np.int64
        )
    return count / len(results)


def column_of_hits(results: list[dict], row: int, index: int) -> np.ndarray:
    """Whether each sample hits at one threshold, bool, (N,)."""
    byte, bit = divmod(int(index), 8)
    column = np.array([result['hits'][row, byte] for result in results])
    return (column >> (7 - bit) & 1).astype(bool)

"""Weighted nearest neighbours in the space of pooled features."""

from collections.abc import Sequence

import torch
from torch import Tensor


def knn_predict(
    features: Tensor,
    bank: Tensor,
    bank_labels: Tensor,
    ks: Sequence[int],
    temperature: float = 0.07,
    chunk: int = 1024,
) -> dict[int, Tensor]:
    """Classify by the weighted vote of the k most similar features.

    A neighbour of cosine similarity s votes for its class with weight
    `exp(s / temperature)`: "Unsupervised Feature Learning via Non-Parametric
    Instance Discrimination" (Wu et al., 2018).

    Args:
        features (Tensor): What to classify, unit length, (N, D).
        bank (Tensor): Features of known class, unit length, (M, D).
        bank_labels (Tensor): Their classes, (M,).
        ks (Sequence[int]): Numbers of neighbours; one beyond M means M.
        temperature (float): Above 0.
        chunk (int): Rows of `features` compared at once.

    Returns:
        dict[int, Tensor]: Predicted classes, (N,), for each distinct number
        of neighbours after clipping, ascending.
    """
    ks = sorted({min(k, len(bank)) for k in ks})
    if not ks or ks[0] < 1:
        raise ValueError(
            f'The numbers of neighbours must be 1 or more and the bank must '
            f'not be empty; got {ks} neighbours of {len(bank)} features.'
        )
    num_classes = int(bank_labels.max()) + 1
    predictions = {k: [] for k in ks}
    for rows in features.split(chunk):
        similarity, nearest = (rows @ bank.T).topk(ks[-1])  # (n, K)
        # Relative to the nearest, so that no weight overflows.
        weights = ((similarity - similarity[:, :1]) / temperature).exp()
        voters = bank_labels[nearest]
        for k in ks:
            votes = rows.new_zeros(len(rows), num_classes)
            votes.scatter_add_(1, voters[:, :k], weights[:, :k])
            predictions[k].append(votes.argmax(dim=1))
    return {k: torch.cat(parts) for k, parts in predictions.items()}


def knn_accuracy(
    features: Tensor,
    labels: Tensor,
    bank: Tensor,
    bank_labels: Tensor,
    ks: Sequence[int],
    temperature: float = 0.07,
) -> dict[int, float]:
    """Top-1 accuracy in percent for each k; see `knn_predict`."""
    predictions = knn_predict(features, bank, bank_labels, ks, temperature)
    return {
        k: 100 * (predicted == labels).float().mean().item()
        for k, predicted in predictions.items()
    }

"""Weighted nearest neighbours in the space of pooled features."""

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from mmpretrain.structures import DataSample
from torch import Tensor


@torch.no_grad()
def pooled_features(
    model: BaseModel, batch: dict
) -> tuple[Tensor, list[DataSample]]:
    """Pooled features of a batch.

    Args:
        model (BaseModel): An `mmpretrain.ImageClassifier` in eval mode; the
            output of its neck is taken.
        batch (dict): `inputs` and `data_samples`, as loaded.

    Returns:
        tuple[Tensor, list[DataSample]]: Features, (B, D), on the CPU, and
        their samples.
    """
    batch = model.data_preprocessor(batch, training=False)
    pooled = model.extract_feat(batch['inputs'], stage='neck')[-1]
    return pooled.float().cpu(), batch['data_samples']


def extract_features(
    model: BaseModel, dataloader: Iterable
) -> tuple[Tensor, Tensor]:
    """Pooled features and labels of a data set.

    Args:
        model (BaseModel): As in :func:`pooled_features`. Put into eval mode.
        dataloader (Iterable): Batches with `inputs` and `data_samples`.

    Returns:
        tuple[Tensor, Tensor]: Features of unit length, (N, D), and labels,
        (N,), on the CPU.
    """
    model.eval()
    features, labels = [], []
    for batch in dataloader:
        pooled, samples = pooled_features(model, batch)
        features.append(F.normalize(pooled, dim=1))
        labels += [int(sample.gt_label) for sample in samples]
    return torch.cat(features), torch.tensor(labels)


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
        temperature (float): Above 0. Defaults to 0.07.
        chunk (int): Rows of `features` compared at once. Defaults to 1024.

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

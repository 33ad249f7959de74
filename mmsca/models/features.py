"""Pooled features of images, as nearest neighbours and others take them."""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from mmpretrain.structures import DataSample
from torch import Tensor


@torch.no_grad()
def pooled_features(
    model: BaseModel, batch: dict
) -> tuple[Tensor, list[DataSample]]:
    """Pooled features (B, D) of a batch, on the CPU, and its samples.

    Args:
        model (BaseModel): An `mmpretrain.ImageClassifier` in eval mode; the
            output of its neck is taken.
        batch (dict): `inputs` and `data_samples`, as loaded.
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

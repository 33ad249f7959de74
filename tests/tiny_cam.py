"""Small models that make class maps."""

import torch
from mmengine.registry import MODELS, init_default_scope
from mmpretrain.structures import DataSample
from torch import Tensor, nn


def tiny_backbone(width: int = 4, frozen_stages: int = -1) -> dict:
    """Config of a ResNet-18 whose last map has `8 * width` channels."""
    return dict(
        type='mmpretrain.ResNet',
        depth=18,
        stem_channels=8,
        base_channels=width,
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 1, 1),
        out_indices=(3,),
        frozen_stages=frozen_stages,
    )


def build_eval(**cfg) -> nn.Module:
    """The same model every time, in eval mode.

    Its weights are those of torch: `init_weights` would zero the residual
    branches.
    """
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    return MODELS.build(cfg).eval()


def samples(*labels: int) -> list[DataSample]:
    return [DataSample().set_gt_label(label) for label in labels]


def maps(predictions: list[DataSample]) -> Tensor:
    """Maps (N, H, W) of predictions."""
    return torch.stack([prediction.pred_cam for prediction in predictions])

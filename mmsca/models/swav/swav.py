"""SwAV, the method that SCA is added to."""

from itertools import groupby

import torch
import torch.nn.functional as F
from mmpretrain.models import BaseSelfSupervisor
from torch import Tensor

from mmsca.registry import MODELS
from mmsca.utils.errors import InputError


@MODELS.register_module()
class SwAV(BaseSelfSupervisor):
    """Swapping assignments between views (arXiv:2006.09882).

    Args:
        backbone (dict): A backbone that returns a tuple of maps; the last
            one is used.
        neck (dict): A :class:`mmpretrain.SwAVNeck`.
        head (dict): A :class:`mmsca.SwAVHead`; its `in_channels` are the
            `out_channels` of the neck.

    Raises:
        InputError: If the head is given other `in_channels`.
    """

    def __init__(self, backbone: dict, neck: dict, head: dict, **kwargs):
        # SwAVNeck projects to 0 channels by leaving the features alone.
        dims = neck['out_channels'] or neck['in_channels']
        head = {'in_channels': dims, **head}
        if head['in_channels'] != dims:
            raise InputError(
                f'model.head.in_channels is {head["in_channels"]}, but the '
                f'embeddings of model.neck have {dims}. Leave it out.'
            )
        super().__init__(backbone=backbone, neck=neck, head=head, **kwargs)
        self.in_channels = neck['in_channels']

    def extract_maps(self, views: list[Tensor]) -> list[Tensor]:
        """Last maps of the backbone, one forward pass per resolution.

        Args:
            views (list[Tensor]): V tensors (B, 3, S, S), sizes in runs.

        Returns:
            list[Tensor]: Per resolution, maps (views * B, C, H, W).

        Raises:
            InputError: If the assigned views differ in resolution, or are
                all there are.
        """
        groups = [
            list(group)
            for _, group in groupby(views, key=lambda view: view.shape[-1])
        ]
        num_assigned = self.head.num_assigned
        if not len(groups[0]) >= num_assigned < len(views):
            raise InputError(
                f'model.head.num_assigned is {num_assigned}, but the crops '
                f'come in runs of {[len(group) for group in groups]}. It '
                'must be at most the first of num_crops in mmsca.MultiCrop, '
                'with at least one more view to predict from.'
            )
        maps = []
        for group in groups:
            batch = torch.cat(group)
            # The layout that convolutions are fastest in; weights follow.
            batch = batch.contiguous(memory_format=torch.channels_last)
            maps.append(self.backbone(batch)[-1])
        return maps

    def project(self, features: Tensor) -> Tensor:
        """Embeddings of unit length, (N, C) -> (N, D)."""
        if features.size(1) != self.in_channels:
            raise InputError(
                f'model.neck.in_channels is {self.in_channels}, but the last '
                f'map of the backbone has {features.size(1)} channels. Set '
                'the first to the second.'
            )
        return self.neck.forward_projection(features)

    def loss(self, inputs: list[Tensor], data_samples=None) -> dict:
        """Loss of V views (B, 3, S, S), global ones first."""
        maps = self.extract_maps(inputs)
        features = torch.cat([average_pool(m) for m in maps])
        z = self.project(features)  # (V*B, D)
        loss, _ = self.head.loss(z, len(inputs), self.head.queue)
        return dict(loss=loss)


def average_pool(maps: Tensor) -> Tensor:
    """Mean over the locations, (N, C, H, W) -> (N, C).

    `Tensor.mean` keeps another copy of bf16 maps for its gradient.
    """
    return F.adaptive_avg_pool2d(maps, 1).flatten(1)

"""Where a pretrained backbone looks, without any classifier."""

import torch
from mmpretrain.structures import DataSample
from torch import Tensor

from mmsca.models.cam.maps import (
    channel_sum,
    check_interpolation,
    eigen_map,
    normalize_maps,
)
from mmsca.models.probe_classifier import ProbeClassifier
from mmsca.registry import MODELS
from mmsca.utils.errors import InputError

METHODS = ('channel_sum', 'eigen', 'prototype')


@MODELS.register_module()
class LabelFreeCAM(ProbeClassifier):
    """Maps of a backbone that need neither labels nor a linear probe.

    Backbone, neck and head have the names that they have in pretraining, so
    that its checkpoint loads as it is. `predict` adds one field to every data
    sample: `pred_cam` (Tensor), (H, W) of the input, in [0, 1].

    The prototype map takes each location of the last map for an image of its
    own: it goes through the projection that the pooled features go through,
    and its value is its cosine similarity to the prototype that the whole
    image is nearest to. Of several sets of prototypes the maps are averaged.
    The definition is this project's.

    Args:
        backbone (dict): The backbone; its last map is used. A
            `mmsca.TIMMBackbone` gives one with `out_type='map'`.
        neck (dict, optional): The `SwAVNeck` of pretraining, for
            'prototype'.
        head (dict, optional): The `mmsca.SwAVHead` of pretraining, for
            'prototype'.
        cam_method (str): 'channel_sum', 'eigen' (see
            `mmsca.models.cam.maps`) or 'prototype'.
        cam_interpolation (str): 'bilinear' or 'bicubic'.
        **kwargs: See `mmpretrain.ImageClassifier`.

    Raises:
        InputError: If an option has none of the values above, or if neck or
            head are missing.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict | None = None,
        head: dict | None = None,
        cam_method: str = 'eigen',
        cam_interpolation: str = 'bilinear',
        **kwargs,
    ) -> None:
        if cam_method not in METHODS:
            raise InputError(
                f'`cam_method` of LabelFreeCAM must be one of {METHODS}, '
                f'not {cam_method!r}.'
            )
        check_interpolation(cam_interpolation, 'LabelFreeCAM')
        if cam_method == 'prototype' and (neck is None or head is None):
            raise InputError(
                "cam_method='prototype' needs the `neck` and `head` that "
                "SwAV was pretrained with; 'eigen' and 'channel_sum' need a "
                'backbone alone.'
            )
        if head is not None:
            head = dict(head, in_channels=neck['out_channels'])
        super().__init__(backbone=backbone, neck=neck, head=head, **kwargs)
        self.cam_method = cam_method
        self.cam_interpolation = cam_interpolation

    def loss(self, inputs: Tensor, data_samples: list[DataSample]) -> dict:
        """Refuse to train."""
        raise InputError(
            'LabelFreeCAM is not trained: give the checkpoint of a '
            'pretraining to `mmsca test`.'
        )

    @torch.no_grad()
    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DataSample] | None = None,
        **kwargs,
    ) -> list[DataSample]:
        """Fill in `pred_cam` of the samples of images (N, 3, H, W)."""
        features = self.extract_feat(inputs, stage='backbone')[-1]
        if self.cam_method == 'channel_sum':
            maps = channel_sum(features)
        elif self.cam_method == 'eigen':
            maps = eigen_map(features)
        else:
            maps = self.prototype_maps(features)
        maps = normalize_maps(maps, inputs.shape[2:], self.cam_interpolation)
        samples = data_samples or [DataSample() for _ in inputs]
        for sample, cam in zip(samples, maps, strict=True):
            sample.pred_cam = cam
        return samples

    def prototype_maps(self, features: Tensor) -> Tensor:
        """Cosines of locations to the prototype of the whole image.

        Means over the sets of prototypes, (N, C, h, w) -> (N, h, w).
        """
        height, width = features.shape[2:]
        pooled = self.neck.forward_projection(features.mean(dim=(2, 3)))
        locations = features.permute(0, 2, 3, 1).flatten(0, 2)  # (N*h*w, C)
        locations = self.neck.forward_projection(locations)  # (N*h*w, D)
        locations = locations.view(len(features), height, width, -1)
        maps = []
        for layer in self.head.prototypes:
            prototypes = layer.weight[layer(pooled).argmax(dim=1)]  # (N, D)
            maps.append(torch.einsum('nhwd,nd->nhw', locations, prototypes))
        return torch.stack(maps).mean(dim=0)

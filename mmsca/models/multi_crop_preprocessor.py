"""From the bytes of a batch to augmented, normalized views."""

from itertools import groupby

import torch
from mmpretrain.models.utils import SelfSupDataPreprocessor
from torch import Tensor

from mmsca.augmentation import Crops, augment
from mmsca.registry import MODELS


@MODELS.register_module()
class MultiCropPreprocessor(SelfSupDataPreprocessor):
    """Augments and normalizes the views of :class:`mmsca.MultiCrop`.

    What any other pipeline gives, views or images, is normalized alone.

    Args:
        mean, std (list[float]): Of the channels R, G, B, in levels of 0-255.
        to_rgb (bool): Whether other pipelines give BGR, as those of OpenMMLab
            do; views of MultiCrop are RGB.
        non_blocking (bool): Go on while a batch of pinned memory, the default
            of the tools, is on its way to the device.
    """

    def __init__(self, *args, non_blocking: bool = True, **kwargs) -> None:
        super().__init__(*args, non_blocking=non_blocking, **kwargs)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Bring a batch to the device, and prepare it.

        Args:
            data (dict): Of `mmsca.pack_views` or `default_collate`.
            training (bool): Not used: the data decide.

        Returns:
            dict: `inputs`, V views (B, 3, S, S), fp32, neighbours of one size
            parts of one tensor; `data_samples`, their
            :class:`mmsca.augmentation.Crops` of shape (B, V). As of
            SelfSupDataPreprocessor, if the data have no crops.
        """
        if 'boxes' not in data:
            return super().forward(data, training)
        parameters = data.get('augmentation')  # (B, V, P), stays on the CPU
        inputs = self.cast_data(data['inputs'])
        if 'sides' in data:
            inputs = unpack(inputs, data['sides'])
        views, first = [], 0
        for _, group in groupby(inputs, key=lambda view: view.size(-1)):
            group = list(group)
            last = first + len(group)
            batch = torch.cat(group)  # (views * B, 3, S, S), uint8
            if parameters is None:
                batch = batch.float().sub_(self.mean).div_(self.std)
            else:
                rows = parameters[:, first:last].transpose(0, 1).flatten(0, 1)
                batch = augment(batch, rows, self.mean, self.std)
            views += batch.chunk(len(group))
            first = last
        crops = Crops(*self.cast_data([data['boxes'], data['flips']]))
        return dict(inputs=views, data_samples=crops)


def unpack(packed: Tensor, sides: list[int]) -> list[Tensor]:
    """Views (B, 3, S, S) that lie one after another in rows (B, bytes)."""
    parts = packed.split([3 * side * side for side in sides], dim=1)
    return [
        part.unflatten(1, (3, side, side))
        for part, side in zip(parts, sides, strict=True)
    ]

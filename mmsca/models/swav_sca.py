"""SwAV with Spatial Cross-Attention."""

import math

import torch
from mmengine.dist import all_gather, get_rank
from torch import Tensor

from mmsca.models.swav import SwAV
from mmsca.registry import MODELS
from mmsca.utils.progress import training_progress


@MODELS.register_module()
class SwAVSCA(SwAV):
    """SwAV plus a second swapped prediction from guided features.

    The maps of the global views are guided by maps of images with similar
    codes, out of the batch of all ranks; the guided features take the place
    of the pooled ones, in the codes and in the predictions. Local views stay
    plain. The loss is `(1 - weight) * plain + weight * guided`; weight 0 is
    SwAV to the bit.
    Nothing of this lives in the backbone.

    Args:
        backbone, neck, head: As in :class:`mmsca.SwAV`.
        sca (dict): A :class:`mmsca.SpatialCrossAttention`.
        weight (float): w, in [0, 1]. Defaults to 0.7.
        warmup (float): Fraction of the training that is plain SwAV, while
            clusters mean nothing yet, in [0, 1]. Defaults to 0.2.
    """

    def __init__(
        self,
        sca: dict,
        weight: float = 0.7,
        warmup: float = 0.2,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in dict(weight=weight, warmup=warmup).items():
            if not 0 <= value <= 1:
                raise ValueError(
                    f'SwAVSCA needs {name} in [0, 1], got {value}.'
                )
        self.sca = MODELS.build(sca)
        self.weight = weight
        self.warmup = warmup
        # Guided embeddings have a distribution of their own, hence a queue.
        self.guided_queue = self.head.build_queue()

    def loss(self, inputs: list[Tensor], data_samples=None) -> dict:
        """Loss of a batch of views.

        Args:
            inputs (list[Tensor]): V views (B, 3, S, S), global ones first.

        Returns:
            dict: The `loss`; once SCA has started also its two terms
            `plain` and `guided`, and `mask_entropy` (1 is a uniform mask).
        """
        maps = self.extract_maps(inputs)
        features = torch.cat([m.mean(dim=(2, 3)) for m in maps])  # (V*B, C)
        plain, codes = self.head.loss(
            self.project(features), len(inputs), self.head.queue
        )
        if self.weight == 0 or training_progress().fraction < self.warmup:
            return dict(loss=plain)

        guided_features, mask = self.guide(maps[0], codes)
        features = torch.cat([guided_features, features[len(mask) :]])
        guided, _ = self.head.loss(
            self.project(features), len(inputs), self.guided_queue
        )
        return dict(
            loss=(1 - self.weight) * plain + self.weight * guided,
            plain=plain.detach(),
            guided=guided.detach(),
            mask_entropy=relative_entropy(mask),
        )

    def guide(self, maps: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Guide the global maps by partners from the batch of all ranks.

        Args:
            maps (Tensor): Shape (A' * B, C, H, W), ordered view by view;
                all views of this resolution, of which A are assigned.
            codes (Tensor): Shape (A, B, K).

        Returns:
            tuple[Tensor, Tensor]: Guided features (N, C) and masks
            (N, 1, H, W), N = A * B.
        """
        num_assigned, batch_size, _ = codes.shape
        codes = codes.flatten(0, 1)  # (N, K)
        maps = maps[: len(codes)]  # (N, C, H, W)
        # Ranks one after the other, M = ranks * N.
        all_codes = torch.cat(all_gather(codes))  # (M, K)
        candidates = torch.cat(all_gather(maps.detach()))  # (M, C, H, W)
        image_ids = torch.arange(
            len(all_codes) // num_assigned, device=maps.device
        )  # (ranks * B, )
        image_ids = image_ids.view(-1, 1, batch_size)
        image_ids = image_ids.expand(-1, num_assigned, -1).flatten()  # (M, )
        index = torch.arange(len(maps), device=maps.device)
        index = index + get_rank() * len(maps)  # (N, )
        return self.sca(
            maps, codes @ all_codes.T, image_ids, candidates, index
        )


def relative_entropy(mask: Tensor) -> Tensor:
    """Mean entropy of masks (N, 1, H, W) over that of a uniform one."""
    p = mask.flatten(1)  # (N, HW)
    entropy = torch.special.entr(p).sum(dim=1).mean()
    return entropy / math.log(p.size(1))

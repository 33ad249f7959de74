"""SwAV with Spatial Cross-Attention."""

import math

import torch
from torch import Tensor

from mmsca.models.sca.guided_method import GuidedMethod
from mmsca.models.sca.memory import CandidateMemory
from mmsca.models.sca.partners import NUM_CODES, Candidates, short_descriptors
from mmsca.models.sca.spatial_cross_attention import Attention
from mmsca.models.swav.swav import SwAV, average_pool
from mmsca.registry import MODELS


@MODELS.register_module()
class SwAVSCA(GuidedMethod, SwAV):
    """SwAV plus a second swapped prediction from guided features.

    The maps of the global views are guided by maps of images with similar
    codes; the guided features take the place of the pooled ones, in the codes
    and in the predictions. Local views stay plain. The loss is
    `(1 - weight) * plain + weight * guided`; weight 0 is SwAV to the bit.

    Args:
        sca, weight, warmup: As in :class:`GuidedMethod`.
        memory (dict, optional): `length` and `map_size` (H, W) of a
            :class:`CandidateMemory` of past maps that partners come from too.
        backbone, neck, head: As in :class:`mmsca.SwAV`.
    """

    def __init__(self, memory: dict | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        # Guided embeddings have a distribution of their own, hence a queue.
        self.guided_queue = self.head.build_queue()
        self.memory = None
        if memory is not None:
            prototypes = sum(p.out_features for p in self.head.prototypes)
            self.memory = CandidateMemory(
                **memory,
                embed_dims=self.sca.projection.size(1),
                image_dims=self.head.in_channels,
                num_codes=min(NUM_CODES, prototypes),
            )

    def loss(self, inputs: list[Tensor], data_samples=None) -> dict:
        """Loss of V views (B, 3, S, S), global ones first.

        Returns:
            dict: The `loss`; once SCA has started also its two terms
            `plain` and `guided`, `mask_entropy` (1 is a uniform mask), and
            `same_cluster`, the share of samples whose first partner has the
            same most likely prototype.
        """
        maps = self.extract_maps(inputs)  # per resolution
        features = torch.cat([average_pool(m) for m in maps])  # (V*B, C)
        z = self.project(features)  # (V*B, D)
        plain, codes = self.head.loss(z, len(inputs), self.head.queue)
        if not self.sca_is_on():
            return dict(loss=plain)

        views = codes.size(0)  # A
        codes = codes.flatten(0, 1)  # (A*B, K)
        n = len(codes)
        candidates = self.sca.candidates(
            maps[0][:n], short_descriptors(z[:n], codes), views
        )
        if self.memory is not None:
            candidates = self.memory.extend(candidates)
        attention = self.sca(candidates)
        looked_at = guided_pooling(maps[0][:n], attention.mask)  # (A*B, C)
        guided, _ = self.head.loss(
            self.project(torch.cat([looked_at, features[n:]])),
            len(inputs),
            self.guided_queue,
        )
        return dict(
            loss=(1 - self.weight) * plain + self.weight * guided,
            plain=plain.detach(),
            guided=guided.detach(),
            mask_entropy=relative_entropy(attention.mask),
            same_cluster=same_cluster(attention, candidates).mean(),
        )

    @torch.no_grad()
    def attend(self, images: Tensor) -> tuple[Tensor, Attention, Candidates]:
        """What SCA sees in a batch of images (B, 3, S, S), one view of each.

        Returns:
            tuple[Tensor, Attention, Candidates]: The last maps (B, C, H, W),
            and what SCA says of them, with codes from a Sinkhorn over the
            images of all ranks, and partners out of this rank's.
        """
        maps = self.backbone(images)[-1]
        z = self.project(average_pool(maps))  # (B, D)
        scores = [layer(z)[None].float() for layer in self.head.prototypes]
        codes = torch.cat(
            [self.head.codes(s, s[:, :0])[0] for s in scores], dim=1
        )  # (B, K)
        candidates = self.sca.candidates(
            maps, short_descriptors(z, codes), group_size=1
        )
        return maps, self.sca(candidates), candidates


def guided_pooling(maps: Tensor, mask: Tensor) -> Tensor:
    """Sum of the locations of maps (N, C, H, W), weighted by a mask, (N, C).

    The mask, (N, 1, H, W), sums to 1; a uniform one averages.
    """
    # A product of matrices, which need not keep the weighted maps.
    mask = mask.to(maps.dtype).flatten(2)  # (N, 1, HW)
    return (maps.flatten(2) @ mask.mT).squeeze(2)


def same_cluster(attention: Attention, candidates: Candidates) -> Tensor:
    """Whether the first partner has the same prototype, (N, ), float."""
    prototypes = candidates.images.prototypes[:, 0]  # (M, )
    first = prototypes[attention.partners[:, 0]]
    return (first == prototypes[candidates.own]).float()


def relative_entropy(mask: Tensor) -> Tensor:
    """Mean entropy of masks (N, 1, H, W) over that of a uniform one."""
    p = mask.flatten(1)  # (N, HW)
    entropy = torch.special.entr(p).sum(dim=1).mean()
    return entropy / math.log(p.size(1))

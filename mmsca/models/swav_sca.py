"""SwAV with Spatial Cross-Attention."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mmsca.models.map_memory import MapMemory
from mmsca.models.partners import (
    Candidates,
    affinity_to,
    batch_candidates,
)
from mmsca.models.sca_checks import check_fractions
from mmsca.models.sca_mixin import untouched
from mmsca.models.spatial_cross_attention import Guidance, guided_pooling
from mmsca.models.swav import SwAV, pooled
from mmsca.registry import MODELS
from mmsca.utils.errors import InputError
from mmsca.utils.progress import training_progress

# Codes decide who is akin; where they say nothing, embeddings do.
EMBEDDING_SHARE = 0.01


@MODELS.register_module()
class SwAVSCA(SwAV):
    """SwAV plus a second swapped prediction from guided features.

    The maps of the global views are guided by maps of images with similar
    codes; the guided features take the place of the pooled ones, in the codes
    and in the predictions. Local views stay plain. The loss is
    `(1 - weight) * plain + weight * guided`; weight 0 is SwAV to the bit.
    Nothing of this lives in the backbone.

    Args:
        backbone, neck, head: As in :class:`mmsca.SwAV`.
        sca (dict): A :class:`mmsca.SpatialCrossAttention`; its `in_channels`
            are those of the neck if it does not say.
        weight (float): w, in [0, 1]. Defaults to 0.7.
        warmup (float): Fraction of the training that is plain SwAV, while
            clusters mean nothing yet, in [0, 1]. Defaults to 0.2.
        stages (Sequence[int]): Which of the maps that the backbone returns
            are compared; masks of several are averaged, at the size of the
            last map. Defaults to (-1, ), the last.
        gather (bool): Partners come from the batch of all ranks, not of
            each rank alone. Defaults to True.
        memory (dict, optional): `length` and `map_shape` (C, H, W) of a
            :class:`MapMemory` of past maps that partners come from too.
    """

    def __init__(
        self,
        sca: dict,
        weight: float = 0.7,
        warmup: float = 0.2,
        stages: tuple[int, ...] = (-1,),
        gather: bool = True,
        memory: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_fractions(weight=weight, warmup=warmup)
        in_channels = kwargs['neck']['in_channels']
        self.sca = MODELS.build({'in_channels': in_channels, **sca})
        self.weight = weight
        self.warmup = warmup
        self.stages = tuple(stages)
        self.gather = gather
        # Guided embeddings have a distribution of their own, hence a queue.
        self.guided_queue = self.head.build_queue()
        self.memory = None
        if memory is not None:
            if len(self.stages) > 1:
                raise InputError(
                    f'model.memory keeps the maps of one stage, but '
                    f'model.stages is {self.stages}. Name one.'
                )
            dims = self.head.in_channels + sum(
                layer.out_features for layer in self.head.prototypes
            )
            self.memory = MapMemory(**memory, descriptor_dims=dims)

    def loss(self, inputs: list[Tensor], data_samples=None) -> dict:
        """Loss of a batch of views.

        Args:
            inputs (list[Tensor]): V views (B, 3, S, S), global ones first.

        Returns:
            dict: The `loss`; once SCA has started also its two terms
            `plain` and `guided`, `mask_entropy` (1 is a uniform mask), and
            `same_cluster`, the share of samples whose first partner has the
            same most likely prototype.
        """
        stages = self.extract_stages(inputs)  # per resolution, per stage
        features = torch.cat([pooled(s[-1]) for s in stages])
        z = self.project(features)  # (V*B, D)
        plain, codes = self.head.loss(z, len(inputs), self.head.queue)
        if self.weight == 0 or training_progress().fraction < self.warmup:
            return dict(loss=plain + untouched(self.sca))

        n = codes.shape[0] * codes.shape[1]
        guidance, candidates = self.guide(
            [stage[:n] for stage in stages[0]],
            codes,
            z[:n],
            self.gather,
            self.memory,
        )
        features = torch.cat([guidance.features, features[n:]])
        guided, _ = self.head.loss(
            self.project(features), len(inputs), self.guided_queue
        )
        return dict(
            loss=(1 - self.weight) * plain + self.weight * guided,
            plain=plain.detach(),
            guided=guided.detach(),
            mask_entropy=relative_entropy(guidance.mask).detach(),
            same_cluster=self.same_cluster(guidance, candidates).mean(),
        )

    def guide(
        self,
        stages: list[Tensor],
        codes: Tensor,
        z: Tensor,
        gather: bool = False,
        memory: MapMemory | None = None,
    ) -> tuple[Guidance, Candidates]:
        """Guide the last maps of global views.

        Args:
            stages (list[Tensor]): Maps (N, C, H, W) of each stage, ordered
                view by view, N = A * B.
            codes (Tensor): Shape (A, B, K).
            z (Tensor): Embeddings (N, D), unit length.
            gather (bool): Whether partners come from all ranks.
            memory (MapMemory, optional): Is read, then filled.

        Returns:
            tuple[Guidance, Candidates]: With features (N, C), and masks at
            the size of the last maps; the candidates of the last stage
            that was compared.
        """
        num_views = len(codes)
        descriptors = torch.cat(
            [
                codes.flatten(0, 1),
                math.sqrt(EMBEDDING_SHARE) * z.detach().to(codes),
            ],
            dim=1,
        )  # (N, K + D)
        masks = []
        for stage in self.stages:
            maps = self.stage_of(stages, stage)
            candidates = batch_candidates(maps, descriptors, num_views, gather)
            if memory is not None:
                candidates = memory.extend(candidates)
                memory.push(maps.detach(), descriptors)
            guidance = self.sca(
                maps,
                affinity_to(candidates),
                candidates.image_ids,
                candidates.maps,
                candidates.index,
            )
            masks.append(resized(guidance.mask, stages[-1].shape[2:]))
        mask = torch.stack(masks).mean(dim=0)
        features = guided_pooling(stages[-1], mask)
        return guidance._replace(features=features, mask=mask), candidates

    def stage_of(self, stages: list[Tensor], stage: int) -> Tensor:
        """The maps of a stage, or an error that names the field."""
        if not -len(stages) <= stage < len(stages):
            raise InputError(
                f'model.stages names {stage}, but the backbone returns '
                f'{len(stages)} maps. Set model.backbone.out_indices.'
            )
        return stages[stage]

    def same_cluster(
        self, guidance: Guidance, candidates: Candidates
    ) -> Tensor:
        """Whether the first partner has the same prototype, (N, ), float."""
        k = candidates.descriptors.size(1) - self.head.in_channels
        prototypes = candidates.descriptors[:, :k].argmax(dim=1)  # (M, )
        own = prototypes[candidates.index]
        return (own == prototypes[guidance.partners[:, 0]]).float()

    @torch.no_grad()
    def attend(self, images: Tensor) -> tuple[Tensor, Guidance, Candidates]:
        """What SCA sees in a batch of images, one view of each.

        Args:
            images (Tensor): Shape (B, 3, S, S), normalized.

        Returns:
            tuple[Tensor, Guidance, Candidates]: The last maps (B, C, H, W),
            and as in `guide`, with codes from a Sinkhorn over the images of
            all ranks, and partners out of this rank's.
        """
        stages = self.backbone(images)
        z = self.project(pooled(stages[-1]))  # (B, D)
        scores = [layer(z)[None].float() for layer in self.head.prototypes]
        codes = torch.cat(
            [self.head.codes(s, s[:, :0]) for s in scores], dim=2
        )
        guidance, candidates = self.guide(list(stages), codes, z)
        return stages[-1], guidance, candidates


def resized(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """Masks (N, 1, H, W) at another size, each still with sum 1."""
    if mask.shape[2:] == size:
        return mask
    mask = F.interpolate(mask, size, mode='area')
    return mask / mask.sum(dim=(2, 3), keepdim=True)


def relative_entropy(mask: Tensor) -> Tensor:
    """Mean entropy of masks (N, 1, H, W) over that of a uniform one."""
    p = mask.flatten(1)  # (N, HW)
    entropy = torch.special.entr(p).sum(dim=1).mean()
    return entropy / math.log(p.size(1))

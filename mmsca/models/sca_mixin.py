"""Spatial Cross-Attention for any method with a backbone and a neck."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmsca.models.partners import affinity_to, batch_candidates
from mmsca.models.sca_checks import check_fractions
from mmsca.registry import MODELS
from mmsca.utils.errors import InputError
from mmsca.utils.progress import training_progress


class SCAMixin:
    """Guides the maps on their way from the backbone to the neck.

    Each map is weighted location by location, so that the average pooling of
    the neck becomes `(1 - weight) * mean + weight * guided pooling`. Both
    sides of a method are guided, its momentum encoder too. Unlike in
    :class:`mmsca.SwAVSCA` features are mixed, not two losses: queues and
    momentum encoders move once per step. Partners come from the same view of
    other images, by the cosine of centred, pooled features.

    In evaluation, in the warm-up and with weight 0 the method is left as it
    is, to the bit.

    Args:
        sca (dict): A :class:`mmsca.SpatialCrossAttention`.
        weight (float): w, in [0, 1]. Defaults to 0.7.
        warmup (float): Fraction of the training without SCA, in [0, 1].
            Defaults to 0.2.
        gather (bool): Partners come from the batch of all ranks. Defaults to
            True.
        **kwargs: Of the method.
    """

    def __init__(
        self,
        sca: dict,
        weight: float = 0.7,
        warmup: float = 0.2,
        gather: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_fractions(weight=weight, warmup=warmup)
        if sca.get('partners') == 'other_view':
            raise InputError(
                "model.sca.partners='other_view' needs two views in one "
                f'pass, but {type(self).__name__} takes one after the other. '
                "Use 'cluster' or 'random'."
            )
        in_channels = kwargs['neck']['in_channels']
        self.sca = MODELS.build({'in_channels': in_channels, **sca})
        self.weight = weight
        self.warmup = warmup
        self.gather = gather
        # The backbone, and that of a momentum encoder.
        for module in list(self.modules()):
            if type(module) is type(self.backbone):
                module.register_forward_hook(self.guide)

    def loss(self, inputs: list[Tensor], *args, **kwargs) -> dict:
        losses = super().loss(inputs, *args, **kwargs)
        first = next(iter(losses))
        losses[first] = losses[first] + untouched(self.sca)
        return losses

    def guide(
        self, backbone: nn.Module, args, stages: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...] | None:
        """Forward hook: the last map weighted, or None to leave it."""
        started = training_progress().fraction >= self.warmup
        if not self.training or self.weight == 0 or not started:
            return None
        maps = stages[-1]  # (N, C, H, W)
        pooled = maps.detach().mean(dim=(2, 3)).float()  # (N, C)
        candidates = batch_candidates(maps, pooled, 1, self.gather)
        # Centred: features after a ReLU are all akin.
        pooled = candidates.descriptors  # (M, C)
        centered = F.normalize(pooled - pooled.mean(dim=0), dim=1)
        candidates = candidates._replace(descriptors=centered)
        mask = self.sca(
            maps,
            affinity_to(candidates),
            candidates.image_ids,
            candidates.maps,
            candidates.index,
        ).mask
        even = maps.size(2) * maps.size(3)
        weights = 1 - self.weight + self.weight * even * mask
        return (*stages[:-1], maps * weights.to(maps.dtype))


def untouched(module: nn.Module) -> Tensor | float:
    """Zero, with a zero gradient for each parameter of a module.

    DistributedDataParallel wants a gradient of every parameter at every
    step, also while SCA has not started.
    """
    parameters = [p.sum() for p in module.parameters()]
    return 0 * torch.stack(parameters).sum() if parameters else 0.0

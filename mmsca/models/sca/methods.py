"""The methods of mmpretrain with SCA."""

from mmpretrain.models import BYOL, BarlowTwins, DenseCL, MoCo, SimSiam
from torch import Tensor, nn

from mmsca.models.sca.guided_method import GuidedMethod
from mmsca.registry import MODELS
from mmsca.utils.errors import InputError


class GuidedFeatures(GuidedMethod):
    """Guides the maps on their way from the backbone to the neck.

    Each map is weighted location by location, so that the average pooling of
    the neck becomes `(1 - weight) * mean + weight * guided pooling`. Both
    sides of a method are guided, its momentum encoder too. Unlike in
    :class:`mmsca.SwAVSCA` features are mixed, not two losses: queues and
    momentum encoders move once per step. Partners come from the same view of
    other images, by the cosine of the means of their locations.

    Only passes of the backbone within `loss` are guided.

    Args:
        sca, weight, warmup, **kwargs: As in :class:`GuidedMethod`.
    """

    def __init__(self, sca: dict, **kwargs) -> None:
        super().__init__(sca=sca, **kwargs)
        if self.sca.partners == 'other_view':
            raise InputError(
                "model.sca.partners='other_view' needs two views in one "
                f'pass, but {type(self).__name__} takes one after the other. '
                "Use 'cluster' or 'random'."
            )
        # The backbone, and that of a momentum encoder.
        self.in_loss = False
        for module in list(self.modules()):
            if type(module) is type(self.backbone):
                module.register_forward_hook(self.guide)

    def loss(self, *args, **kwargs) -> dict:
        self.in_loss = self.sca_is_on()
        try:
            return super().loss(*args, **kwargs)
        finally:
            self.in_loss = False

    def guide(
        self, backbone: nn.Module, args, stages: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...] | None:
        """Forward hook: the last map weighted, or None to leave it."""
        if not self.in_loss:
            return None
        maps = stages[-1]  # (N, C, H, W)
        mask = self.sca(self.sca.candidates(maps)).mask
        even = maps.size(2) * maps.size(3)
        weights = 1 - self.weight + self.weight * even * mask
        return (*stages[:-1], maps * weights.to(maps.dtype))


@MODELS.register_module()
class MoCoSCA(GuidedFeatures, MoCo):
    """MoCo v2 (arXiv:2003.04297) with SCA."""


@MODELS.register_module()
class SimSiamSCA(GuidedFeatures, SimSiam):
    """SimSiam (arXiv:2011.10566) with SCA."""


@MODELS.register_module()
class BYOLSCA(GuidedFeatures, BYOL):
    """BYOL (arXiv:2006.07733) with SCA."""


@MODELS.register_module()
class DenseCLSCA(GuidedFeatures, DenseCL):
    """DenseCL (arXiv:2011.09157) with SCA; its dense head too is guided."""


@MODELS.register_module()
class BarlowTwinsSCA(GuidedFeatures, BarlowTwins):
    """Barlow Twins (arXiv:2103.03230) with SCA."""

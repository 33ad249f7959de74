"""The methods of mmpretrain that SCA is put on by :class:`SCAMixin`."""

from mmpretrain.models import BYOL, BarlowTwins, DenseCL, MoCo, SimSiam

from mmsca.models.sca_mixin import SCAMixin
from mmsca.registry import MODELS


@MODELS.register_module()
class MoCoSCA(SCAMixin, MoCo):
    """MoCo v2 (arXiv:2003.04297) with SCA."""


@MODELS.register_module()
class SimSiamSCA(SCAMixin, SimSiam):
    """SimSiam (arXiv:2011.10566) with SCA."""


@MODELS.register_module()
class BYOLSCA(SCAMixin, BYOL):
    """BYOL (arXiv:2006.07733) with SCA."""


@MODELS.register_module()
class DenseCLSCA(SCAMixin, DenseCL):
    """DenseCL (arXiv:2011.09157) with SCA; its dense head too is guided."""


@MODELS.register_module()
class BarlowTwinsSCA(SCAMixin, BarlowTwins):
    """Barlow Twins (arXiv:2103.03230) with SCA."""

"""LARS with the learning rate inside of the momentum, as in its paper."""

import torch
from torch import Tensor

from mmsca.engine.optimizers.larc import LARC, adaptive_rates
from mmsca.registry import OPTIMIZERS


@OPTIMIZERS.register_module()
class LARS(LARC):
    r"""Layer-wise adaptive rate scaling (arXiv:1708.03888, Algorithm 1).

    Unlike in :class:`LARC` the momentum holds steps that are already scaled
    by the learning rate of their time:

    .. math::
        m &\leftarrow momentum \cdot m + lr \, r \, (g + wd \, w) \\
        w &\leftarrow w - m

    r is 1 where weights or gradients are all zero, and in parameter groups
    with `lars_exclude=True`, which a config sets by `paramwise_cfg`. The
    steps are those of `LARS` in mmpretrain.

    Args:
        params, lr, momentum, weight_decay, trust_coefficient, eps: As in
            :class:`LARC`.
    """

    def update(
        self, weights: list[Tensor], gradients: list[Tensor], group: dict
    ) -> None:
        """Move the weights of a group."""
        steps = self.adapted_gradients(weights, gradients, group)
        momenta = self.accumulate(weights, steps, group['momentum'])
        torch._foreach_sub_(weights, momenta)

    def rates(
        self, weight_norms: Tensor, gradient_norms: Tensor, group: dict
    ) -> Tensor:
        """lr r of L layers from their norms, all of shape (L, )."""
        rates = adaptive_rates(weight_norms, gradient_norms, group)
        plain = (weight_norms == 0) | (gradient_norms == 0)
        if group.get('lars_exclude', False):
            plain = torch.ones_like(plain)
        return group['lr'] * torch.where(plain, 1.0, rates)

"""SGD whose step is scaled layer by layer, as SwAV's authors ran it."""

import torch
from torch import Tensor
from torch.optim import Optimizer

from mmsca.registry import OPTIMIZERS


@OPTIMIZERS.register_module()
class LARC(Optimizer):
    r"""Layer-wise adaptive rate control around SGD with momentum.

    For the weights w of a layer, with gradient g, learning rate lr, weight
    decay wd, and trust coefficient t:

    .. math::
        r &= t \, \|w\| \, / \, (\|g\| + wd \, \|w\| + eps) \\
        m &\leftarrow momentum \cdot m + r \, (g + wd \, w) \\
        w &\leftarrow w - lr \cdot m

    The learning rate is outside of the momentum, so that a change of it acts
    at once. Of weights that are all zero r is 1, of gradients that are all
    zero it is 0. Every tensor counts as a layer, biases and norms too.

    Source: `LARC(SGD, trust_coefficient=0.001, clip=False)` of NVIDIA/apex,
    apex/parallel/LARC.py, in main_swav.py of facebookresearch/swav.

    Args:
        params (Iterable): Parameters, or dicts of parameter groups.
        lr (float): Learning rate.
        momentum, weight_decay (float): As in :class:`torch.optim.SGD`.
        trust_coefficient (float): t.
        eps (float): Added to the denominator.

    Raises:
        ValueError: If one of them is negative.
    """

    def __init__(
        self,
        params,
        lr: float,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust_coefficient: float = 0.001,
        eps: float = 1e-8,
    ) -> None:
        defaults = dict(
            lr=lr,
            momentum=momentum,
            weight_decay=weight_decay,
            trust_coefficient=trust_coefficient,
            eps=eps,
        )
        for name, value in defaults.items():
            if value < 0:
                raise ValueError(
                    f'{type(self).__name__} needs {name} of at least 0, got '
                    f'{value}.'
                )
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None) -> Tensor | None:
        """One step, during which no value leaves the device.

        Returns:
            Tensor, optional: Of the closure, which computes the loss anew.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            weights = [w for w in group['params'] if w.grad is not None]
            if weights:
                self.update(weights, [w.grad for w in weights], group)
        return loss

    def update(
        self, weights: list[Tensor], gradients: list[Tensor], group: dict
    ) -> None:
        """Move the weights of a group."""
        steps = self.adapted_gradients(weights, gradients, group)
        momenta = self.accumulate(weights, steps, group['momentum'])
        torch._foreach_add_(weights, momenta, alpha=-group['lr'])

    def adapted_gradients(
        self, weights: list[Tensor], gradients: list[Tensor], group: dict
    ) -> list[Tensor]:
        """r (g + wd w) of each layer, in new tensors."""
        decay = group['weight_decay']
        steps = torch._foreach_add(gradients, weights, alpha=decay)
        weight_norms = torch.stack(torch._foreach_norm(weights))  # (L, )
        gradient_norms = torch.stack(torch._foreach_norm(gradients))
        rates = self.rates(weight_norms, gradient_norms, group)
        torch._foreach_mul_(steps, list(rates.unbind()))
        return steps

    def rates(
        self, weight_norms: Tensor, gradient_norms: Tensor, group: dict
    ) -> Tensor:
        """r of L layers from their norms, all of shape (L, )."""
        rates = adaptive_rates(weight_norms, gradient_norms, group)
        rates = torch.where(weight_norms == 0, 1.0, rates)
        return torch.where(gradient_norms == 0, 0.0, rates)

    def accumulate(
        self, weights: list[Tensor], steps: list[Tensor], momentum: float
    ) -> list[Tensor]:
        """m of each layer after this step."""
        if momentum == 0:
            return steps
        for weight in weights:
            if not self.state[weight]:
                self.state[weight]['momentum_buffer'] = torch.zeros_like(
                    weight
                )
        momenta = [self.state[w]['momentum_buffer'] for w in weights]
        torch._foreach_mul_(momenta, momentum)
        torch._foreach_add_(momenta, steps)
        return momenta


def adaptive_rates(
    weight_norms: Tensor, gradient_norms: Tensor, group: dict
) -> Tensor:
    """The quotient r of :class:`LARC`, shape (L, )."""
    denominators = (
        gradient_norms + group['weight_decay'] * weight_norms + group['eps']
    )
    return group['trust_coefficient'] * weight_norms / denominators

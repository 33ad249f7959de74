"""Keeps prototypes on the unit sphere, and frozen at the start."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmsca.registry import HOOKS


@HOOKS.register_module()
class PrototypeHook(Hook):
    """What SwAV does to its prototypes around each optimizer step.

    While frozen, their gradient is dropped before the step, as the authors
    do, so that neither momentum nor weight decay moves them. After each step
    they are normalized to unit length. Both happen outside the forward pass.

    Args:
        freeze_iters (int): Iterations in which the prototypes stay as they
            were initialized: one epoch in the authors' recipe.
    """

    def __init__(self, freeze_iters: int) -> None:
        self.freeze_iters = freeze_iters

    def before_train(self, runner) -> None:
        model = runner.model
        head = (model.module if is_model_wrapper(model) else model).head

        def drop_gradient(optimizer, args, kwargs):
            if runner.iter < self.freeze_iters:
                head.prototypes.weight.grad = None

        def normalize(optimizer, args, kwargs):
            head.normalize_prototypes()

        optimizer = runner.optim_wrapper.optimizer
        optimizer.register_step_pre_hook(drop_gradient)
        optimizer.register_step_post_hook(normalize)

"""torch.compile of a part of the model."""

from mmengine.hooks import Hook
from mmpretrain.utils import get_ori_model

from mmsca.registry import HOOKS


@HOOKS.register_module()
class CompileHook(Hook):
    """Compiles the backbone; Sinkhorn, losses and collectives stay eager.

    Names of parameters do not change, nor do checkpoints. Each resolution is
    compiled for itself, at its first step.

    Args:
        **options: Of :func:`torch.compile`, such as `mode`.
    """

    def __init__(self, **options) -> None:
        self.options = options

    def before_train(self, runner) -> None:
        model = get_ori_model(runner.model)
        model.backbone.compile(**{'dynamic': False, **self.options})

"""Keeps parameters as they are at the start of training."""

from mmengine.hooks import Hook
from mmpretrain.utils import get_ori_model

from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError


@HOOKS.register_module()
class FreezeHook(Hook):
    """Drops the gradients of some parameters in the first iterations.

    A parameter without gradient is passed over by the optimizer, so that
    neither momentum nor weight decay moves it, as in the authors' code
    (facebookresearch/swav, main_swav.py). `requires_grad` stays as it is:
    the backward pass of every rank uses the same parameters all along.

    Args:
        iters (dict[str, int]): Names that parameters begin with, such as
            `head.prototypes`, and the number of iterations each is frozen
            for, batches counted, with gradient accumulation too. None is
            frozen for more than a tenth of the training.

    Raises:
        InputError: Before training, if no parameter has such a name.
    """

    def __init__(self, iters: dict[str, int]) -> None:
        self.iters = iters

    def before_train(self, runner) -> None:
        model = get_ori_model(runner.model)
        frozen = {
            name: [
                parameter
                for key, parameter in model.named_parameters()
                if key == name or key.startswith(f'{name}.')
            ]
            for name in self.iters
        }
        for name, parameters in frozen.items():
            if not parameters:
                raise InputError(
                    f"FreezeHook: the model has no parameter '{name}'. Its "
                    'parts are '
                    + ', '.join(key for key, _ in model.named_children())
                    + '; name what model.named_parameters() begins with.'
                )

        longest = runner.max_iters // 10
        iters = {name: min(n, longest) for name, n in self.iters.items()}
        for name, n in iters.items():
            instead = f' instead of {self.iters[name]}'
            runner.logger.info(
                f"'{name}' is frozen for {n} of the {runner.max_iters} "
                f'iterations{instead * (n < self.iters[name])}.'
            )

        def drop_gradients(optimizer, args, kwargs):
            for name, parameters in frozen.items():
                if runner.iter < iters[name]:
                    for parameter in parameters:
                        parameter.grad = None

        runner.optim_wrapper.optimizer.register_step_pre_hook(drop_gradients)

"""Refuses a checkpoint that does not fit the run."""

from mmengine.hooks import Hook
from mmengine.model import BaseTTAModel
from mmengine.runner import BaseLoop
from mmpretrain.utils import get_ori_model

from mmsca.models import LabelFreeCAM
from mmsca.registry import HOOKS
from mmsca.utils.checkpoint import (
    find_weights,
    prefix_of,
    state_dict_of,
    trained_classes,
)
from mmsca.utils.checkpoint_checks import (
    check_classes,
    check_coverage,
    check_finite,
    check_whole,
)


@HOOKS.register_module()
class LoadedCheckpointHook(Hook):
    """Stops a run whose `load_from` does not fit, before it is loaded.

    mmengine loads with `strict=False`: what a file lacks stays random, and
    is scored so. A checkpoint that is tested or resumed must hold every
    tensor of the model; one that a training starts from must hold 95 %, as
    the head is often a new one. A model that is tested must have been
    trained on the classes of the test data. Weights must be finite.

    A model of a backbone alone takes the files of other projects as well.

    The tools give every run this hook.
    """

    # Before hooks that read what it holds.
    priority = 'VERY_HIGH'

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Check all that the file holds.

        Raises:
            InputError: The checkpoint does not fit.
        """
        source = str(runner._load_from or runner.work_dir)
        model = get_ori_model(runner.model)
        if isinstance(model, BaseTTAModel):
            model = model.module
        training = isinstance(runner._train_loop, BaseLoop)
        names = model.state_dict()
        if not training and all(k.startswith('backbone.') for k in names):
            prefix = prefix_of(model.backbone.init_cfg)
            weights = find_weights(model.backbone, checkpoint, source, prefix)
            # mmengine goes on with this.
            checkpoint['state_dict'] = {
                f'backbone.{k}': v for k, v in weights.items()
            }
            return
        state_dict = state_dict_of(checkpoint, source)
        if training and not runner._resume:
            weights = check_coverage(state_dict, model, source)
        else:
            if not training and not isinstance(model, LabelFreeCAM):
                check_classes(
                    trained_classes(checkpoint), tested_classes(runner), source
                )
            weights = check_whole(state_dict, model, source)
        check_finite(weights, source)


def tested_classes(runner) -> list[str] | None:
    """Names of the classes that a runner evaluates, if the data has any."""
    for loop in (runner._test_loop, runner._val_loop):
        if isinstance(loop, BaseLoop):
            data = getattr(loop.dataloader.dataset, 'metainfo', {})
            return data.get('classes')
    return None

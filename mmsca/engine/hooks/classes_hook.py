from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.utils import get_ori_model
from torch import nn

from mmsca.datasets.classes import refuse_other_classes, shorten
from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError


@HOOKS.register_module()
class ClassesHook(Hook):
    """Stops a run whose data sets and heads disagree about the classes.

    Before a training, a validation or a test the data sets must have the
    same names in the same order, and each head as many classes. A data set
    without names may tell `num_labels`, the number of labels that occur or
    lie between, which a head must reach.
    """

    def before_train(self, runner: Runner) -> None:
        """Compare training, validation and the model."""
        datasets = dict(train_dataloader=runner.train_dataloader.dataset)
        if runner.val_loop is not None:
            datasets['val_dataloader'] = runner.val_loop.dataloader.dataset
        check(runner, datasets)

    def before_val(self, runner: Runner) -> None:
        """Compare validation and the model."""
        dataset = runner.val_loop.dataloader.dataset
        check(runner, dict(val_dataloader=dataset))

    def before_test(self, runner: Runner) -> None:
        """Compare test, the images that choose thresholds, and the model."""
        loop = runner.test_loop
        datasets = dict(test_dataloader=loop.dataloader.dataset)
        calibration = getattr(loop, 'calibration_dataloader', None)
        if calibration is not None:
            datasets['test_cfg.calibration_dataset'] = calibration.dataset
        check(runner, datasets)


def check(runner: Runner, datasets: dict) -> None:
    """Refuse data sets, by names of their loaders, and heads that disagree."""
    refuse_other_classes(**datasets)
    heads = class_counts(get_ori_model(runner.model))
    for loader, dataset in datasets.items():
        metainfo = getattr(dataset, 'metainfo', {})
        names = metainfo.get('classes')
        labels = metainfo.get('num_labels', 0)
        for head, count in heads.items():
            if names and len(names) != count:
                raise InputError(
                    f'{head}={count}, but {loader} has the classes '
                    f'{shorten(names)}. Set it to {len(names)}.'
                )
            if labels > count:
                raise InputError(
                    f'{head}={count}, but {loader} has the label '
                    f'{labels - 1}. Labels start at 0: set it to the number '
                    'of classes, or mend the labels.'
                )


def class_counts(model: nn.Module) -> dict[str, int]:
    """Number of classes of each head, by the field that says it.

    A region proposal head counts objects, not classes.
    """
    return {
        f'model.{name}.num_classes': module.num_classes
        for name, module in model.named_modules()
        if name.endswith('head')
        and not name.endswith('rpn_head')
        and isinstance(getattr(module, 'num_classes', None), int)
    }

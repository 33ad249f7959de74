"""What SCA looks at, in numbers, on images with labels and boxes."""

from mmengine.hooks import Hook
from mmpretrain.utils import get_ori_model

from mmsca.models import SwAVSCA
from mmsca.models.sca.statistics import attention_statistics
from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError


@HOOKS.register_module()
class AttentionStatisticsHook(Hook):
    """Logs statistics of the masks and partners to the Visualizer.

    After an epoch, over the whole of a labelled data set that training does
    not see, what :func:`mmsca.models.sca.statistics.attention_statistics`
    returns, as scalars `sca/*`.

    Args:
        dataloader (dict): Of a :class:`mmsca.WSOLDataset`; partners come
            from the same batch.
        interval (int): Epochs from one time to the next.

    Raises:
        InputError: Before training, if the model is no
            :class:`mmsca.SwAVSCA`.
    """

    def __init__(self, dataloader: dict, interval: int = 1) -> None:
        self.dataloader = dataloader
        self.interval = interval

    def before_train(self, runner) -> None:
        model = get_ori_model(runner.model)
        if not isinstance(model, SwAVSCA):
            raise InputError(
                'AttentionStatisticsHook needs model.type=mmsca.SwAVSCA, got '
                f'{type(model).__name__}. Take the hook out of the config.'
            )
        self.dataloader = runner.build_dataloader(
            self.dataloader, seed=runner.seed
        )

    def after_train_epoch(self, runner) -> None:
        if not self.every_n_epochs(runner, self.interval):
            return
        model = get_ori_model(runner.model)
        model.eval()
        statistics = attention_statistics(model, self.dataloader)
        model.train()
        scalars = {f'sca/{name}': x for name, x in statistics.items()}
        runner.visualizer.add_scalars(scalars, step=runner.iter)
        texts = [f'{name}: {value:.3f}' for name, value in scalars.items()]
        runner.logger.info(', '.join(texts))

"""What SCA looks at, in numbers, on images with labels and boxes."""

import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmpretrain.utils import get_ori_model
from torch import Tensor

from mmsca.models import SwAVSCA
from mmsca.models.swav_sca import relative_entropy
from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError


@HOOKS.register_module()
class AttentionStatisticsHook(Hook):
    """Logs statistics of the masks and partners to the Visualizer.

    After an epoch, over the whole of a labelled data set that training does
    not see, as scalars:

    - `sca/mask_entropy`: 1 for an even mask, 0 for a single location;
    - `sca/mask_in_box`: share of the mask inside of the boxes, beside
      `sca/box_area`, which is that of an even mask;
    - `sca/same_cluster`: share of images whose first partner has the same
      most likely prototype;
    - `sca/partner_purity`: share of partners with the same label, beside
      `sca/chance_purity`, which is that of any other image of the batch.

    Args:
        dataloader (dict): Of a :class:`mmsca.WSOLDataset`; partners come
            from the same batch.
        interval (int): Epochs from one time to the next. Defaults to 1.

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
                f'{type(model).__name__}. Take the hook out of custom_hooks.'
            )
        self.dataloader = runner.build_dataloader(
            self.dataloader, seed=runner.seed
        )

    def after_train_epoch(self, runner) -> None:
        if not self.every_n_epochs(runner, self.interval):
            return
        model = get_ori_model(runner.model)
        model.eval()
        totals, count = {}, 0
        for batch in self.dataloader:
            statistics = batch_statistics(model, batch)
            size = len(batch['inputs'])
            for name, value in statistics.items():
                totals[name] = totals.get(name, 0) + size * value
            count += size
        model.train()
        scalars = {}
        for name, total in totals.items():
            mean = torch.as_tensor(total / count)
            all_reduce(mean, op='mean')
            scalars[f'sca/{name}'] = mean.item()
        runner.visualizer.add_scalars(scalars, step=runner.iter)
        runner.logger.info(
            ', '.join(
                f'{name}: {value:.3f}' for name, value in scalars.items()
            )
        )


def batch_statistics(model: SwAVSCA, batch: dict) -> dict[str, Tensor]:
    """Statistics of one batch.

    Args:
        model (SwAVSCA): In evaluation mode.
        batch (dict): `inputs` (B, 3, H, W) as loaded, and `data_samples`
            with labels and boxes.

    Returns:
        dict[str, Tensor]: Name without `sca/` -> mean over the batch.
    """
    data = model.data_preprocessor(batch)
    images, samples = data['inputs'], data['data_samples']
    _, guidance, candidates = model.attend(images)
    labels = torch.cat([s.gt_label for s in samples])  # (B, )
    b = len(labels)
    same_label = (labels[:, None] == labels).float()  # (B, B)
    chosen = same_label.gather(1, guidance.partners) * guidance.valid
    mask = guidance.mask[:, 0]  # (B, H, W)
    inside = torch.stack([coverage(s, mask.shape[1:]) for s in samples])
    inside = inside.to(mask)  # (B, H, W)
    return dict(
        mask_entropy=relative_entropy(guidance.mask),
        mask_in_box=(mask * inside).sum(dim=(1, 2)).mean(),
        box_area=inside.mean(),
        same_cluster=model.same_cluster(guidance, candidates).mean(),
        partner_purity=chosen.sum() / guidance.valid.sum(),
        chance_purity=(same_label.sum() - b) / max(b * (b - 1), 1),
    )


def coverage(sample, shape: tuple[int, int]) -> Tensor:
    """Share of each cell of a map (H, W) that lies inside of the boxes."""
    width, height = sample.ori_size
    inside = torch.zeros(1, 1, height, width)
    for x0, y0, x1, y1 in sample.ori_gt_bboxes:
        inside[..., y0:y1, x0:x1] = 1
    return F.adaptive_avg_pool2d(inside, shape)[0, 0]

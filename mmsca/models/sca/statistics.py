"""Where the masks of SCA lie and who its partners are, in numbers."""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce
from torch import Tensor

from mmsca.models.sca.swav_sca import SwAVSCA, relative_entropy, same_cluster


@torch.no_grad()
def attention_statistics(
    model: SwAVSCA, dataloader: Iterable[dict]
) -> dict[str, float]:
    """Statistics of masks and partners over labelled images with boxes.

    Partners come from the same batch, and so do negatives. All are shares in
    [0, 1], means over the images of all ranks:

    - `mask_entropy`: 1 for an even mask, 0 for a single location;
    - `mask_in_box`: share of the mask inside of the boxes, beside `box_area`,
      which is that of an even mask;
    - `same_cluster`: images whose first partner has the same most likely
      prototype;
    - `partner_purity`: partners with the same label, beside `chance_purity`,
      which is that of any other image of the batch.

    Args:
        model (SwAVSCA): In evaluation mode.
        dataloader (Iterable[dict]): Batches as of :class:`mmsca.WSOLDataset`.
    """
    totals, count = {}, 0
    for batch in dataloader:
        size = len(batch['inputs'])
        for name, value in batch_statistics(model, batch).items():
            totals[name] = totals.get(name, 0) + size * value
        count += size
    means = {name: torch.as_tensor(x / count) for name, x in totals.items()}
    for mean in means.values():
        all_reduce(mean, op='mean')
    return {name: mean.item() for name, mean in means.items()}


def batch_statistics(model: SwAVSCA, batch: dict) -> dict[str, Tensor]:
    """Statistics of a batch: its means by name."""
    data = model.data_preprocessor(batch)
    images, samples = data['inputs'], data['data_samples']
    _, attention, candidates = model.attend(images)
    labels = torch.cat([s.gt_label for s in samples])  # (B, )
    b = len(labels)
    same_label = (labels[:, None] == labels).float()  # (B, B)
    chosen = same_label.gather(1, attention.partners) * attention.valid
    mask = attention.mask[:, 0]  # (B, H, W)
    inside = torch.stack([coverage(s, mask.shape[1:]) for s in samples])
    inside = inside.to(mask)  # (B, H, W)
    return dict(
        mask_entropy=relative_entropy(attention.mask),
        mask_in_box=(mask * inside).sum(dim=(1, 2)).mean(),
        box_area=inside.mean(),
        same_cluster=same_cluster(attention, candidates).mean(),
        partner_purity=chosen.sum() / attention.valid.sum(),
        chance_purity=(same_label.sum() - b) / max(b * (b - 1), 1),
    )


def coverage(sample, shape: tuple[int, int]) -> Tensor:
    """Share of each cell of a map (H, W) that lies inside of the boxes."""
    width, height = sample.ori_size
    inside = torch.zeros(1, 1, height, width)
    for x0, y0, x1, y1 in sample.ori_gt_bboxes:
        inside[..., y0:y1, x0:x1] = 1
    return F.adaptive_avg_pool2d(inside, shape)[0, 0]

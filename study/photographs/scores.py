"""What the study asks of a backbone: neighbours, a classifier, its maps."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmsca.evaluation.knn import knn_accuracy
from mmsca.evaluation.map_scores import box_hits, points_at
from mmsca.evaluation.map_totals import class_mean
from mmsca.models import SwAVSCA
from mmsca.models.cam.maps import normalize_maps
from study.photographs.data import SIDE, coverage, normalized, whole

THRESHOLDS = np.arange(0, 1, 0.01)
AREAS = dict(object=(0.06, 0.5), all=(0.0, 1.0))  # shares of the image


@torch.no_grad()
def maps_of(model: SwAVSCA, images: Tensor) -> Tensor:
    """Last maps, (N, C, H, W), fp32."""
    parts = []
    for part in images.split(1000):
        x = normalized(model, part).contiguous(
            memory_format=torch.channels_last
        )
        parts.append(model.backbone(x)[-1].float())
    return torch.cat(parts)


def score(model: SwAVSCA, data: dict, split: str) -> dict[str, float]:
    """Scores in percent.

    Args:
        model (SwAVSCA): Trained.
        data (dict): Of :func:`data.read_splits`, on the device.
        split (str): 'val', which its own thresholds fit best, or 'test',
            with the thresholds of val.
    """
    model.eval()
    train, asked = data['train'], data[split]
    images = train['images']
    bank = [maps_of(model, x) for x in (images, images.flip(3))]
    bank = torch.cat([maps.mean(dim=(2, 3)) for maps in bank])
    maps = maps_of(model, asked['images'])
    features = maps.mean(dim=(2, 3))  # (N, C)

    (knn,) = knn_accuracy(
        F.normalize(features, dim=1),
        asked['labels'],
        F.normalize(bank[: len(images)], dim=1),
        train['labels'],
        [20],
    ).values()
    mean, std = bank.mean(dim=0), bank.std(dim=0) + 1e-5
    weight, bias = fit_linear((bank - mean) / std, train['labels'].repeat(2))
    logits = ((features - mean) / std) @ weight.T + bias
    hits = {split: hits_of(maps, weight / std, asked)}
    if split == 'test':
        val_maps = maps_of(model, data['val']['images'])
        hits['val'] = hits_of(val_maps, weight / std, data['val'])
    return dict(
        knn=knn,
        linear=share(logits.argmax(dim=1) == asked['labels']),
        **localization(hits[split], hits['val']),
        **mask_in_boxes(model, data['val']),
    )


def share(right: Tensor) -> float:
    return 100 * right.float().mean().item()


def fit_linear(
    features: Tensor, labels: Tensor, steps: int = 400
) -> tuple[Tensor, Tensor]:
    """Softmax regression on standardized features, in full batches."""
    layer = nn.Linear(features.size(1), int(labels.max()) + 1)
    layer.to(features.device)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.AdamW(
        layer.parameters(), lr=0.05, weight_decay=1e-3
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(layer(features), labels).backward()
        optimizer.step()
        schedule.step()
    return layer.weight.detach(), layer.bias.detach()


def hits_of(maps: Tensor, weight: Tensor, images: dict) -> dict:
    """Grad-CAM of the true class, and where it hits at each threshold."""
    cv2.setNumThreads(1)
    labels = images['labels']
    cams = torch.einsum('nchw,nc->nhw', maps, weight[labels]).relu()
    cams = normalize_maps(cams, (SIDE, SIDE)).cpu().numpy()
    boxes = images['boxes'].cpu().numpy().astype(int)
    hits = [
        box_hits(cam, box[None], box[None].astype(float), THRESHOLDS)
        for cam, box in zip(cams, boxes, strict=True)
    ]  # each (5, T)
    points = [
        points_at(cam, box[None], 0)
        for cam, box in zip(cams, boxes, strict=True)
    ]
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) / SIDE**2
    return dict(
        hits=np.array(hits)[:, 1:4],  # at IoU 0.3, 0.5, 0.7
        points=np.array(points),
        area=area,
        labels=labels.cpu().numpy(),
    )


def localization(found: dict, chosen: dict) -> dict[str, float]:
    """MaxBoxAccV2 at the thresholds best for `chosen`, and pointing."""
    result = {}
    for name, (low, high) in AREAS.items():
        kept, theirs = (
            (x['area'] >= low) & (x['area'] <= high) for x in (found, chosen)
        )
        best = chosen['hits'][theirs].mean(axis=0).argmax(axis=1)  # (3, )
        rates = found['hits'][kept].mean(axis=0)  # (3, T)
        result[f'{name}/MaxBoxAccV2'] = 100 * rates[range(3), best].mean()
        labels, points = found['labels'][kept], found['points'][kept]
        result[f'{name}/pointing'] = 100 * class_mean(points, labels)
    return {name: float(value) for name, value in result.items()}


@torch.no_grad()
def mask_in_boxes(model: SwAVSCA, images: dict) -> dict[str, float]:
    """Share of the mask of SCA in the boxes of AREAS, and their area."""
    model.sca.partners = 'cluster'
    order = torch.Generator().manual_seed(0)
    order = torch.randperm(len(images['boxes']), generator=order)
    inside, area = [], []
    for index in order.to(images['boxes'].device).split(256):
        x = normalized(model, images['images'][index])
        x = x.contiguous(memory_format=torch.channels_last)
        _, attention, _ = model.attend(x)
        corners = whole(len(index), x.device)
        covered = coverage(
            images['boxes'][index], corners, attention.mask.size(3)
        )
        inside.append((attention.mask[:, 0] * covered).sum(dim=(1, 2)))
        area.append(covered.mean(dim=(1, 2)))
    inside, area = torch.cat(inside), torch.cat(area)
    low, high = AREAS['object']
    kept = (area >= low) & (area <= high)
    return dict(mask_in_box=share(inside[kept]), box_area=share(area[kept]))

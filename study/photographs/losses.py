"""SwAV, and the ways in which a mask can take part in its loss."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmsca.models import SwAVSCA
from mmsca.models.sca.swav_sca import guided_pooling
from mmsca.models.swav.swav import average_pool
from study.photographs.data import coverage, normalized
from study.photographs.masks import (
    box_mask,
    centre_mask,
    even_mask,
    rim_mask,
    sca_mask,
)
from study.photographs.views import Views

GLOBAL, LOCAL = (48, (0.4, 1.0)), (24, (0.1, 0.4))  # pixels, share of area
# w, the share of the second loss; of `paste` the share of pasted views.
WEIGHTS = dict(pool=0.7, background=0.5, partner=0.3, paste=0.3)


def swav_loss(
    model: SwAVSCA,
    views: Views,
    images: Tensor,
    boxes: Tensor,
    labels: Tensor,
    use: str,
    source: str,
    weight: float | None,
    guided: bool,
) -> Tensor:
    """Loss of a batch.

    Args:
        model (SwAVSCA): Its `loss` is not used.
        views (Views): Cuts and colours.
        images (Tensor): uint8 (B, 3, 64, 64).
        boxes, labels (Tensor): (B, 4) and (B, ), which only oracles read.
        use (str): 'plain', or a name of WEIGHTS.
        source (str): Of the mask, see :func:`mask_of`; for 'partner' who is
            the partner: 'cluster', 'random' or 'label'.
        weight (float, optional): w; that of WEIGHTS if None.
        guided (bool): Whether the second loss has started.
    """
    count = len(images)
    batch, places = [], []
    for size, scale in [GLOBAL, GLOBAL, LOCAL, LOCAL]:
        corners = views.crop(count, scale)
        cut = views.cut(images, corners, size)
        if use == 'paste':
            cut = pasted(cut, coverage(boxes, corners, size), views)
        batch.append(normalized(model, views.colour(cut)))
        places.append(corners)

    maps = model.extract_maps(batch)
    features = torch.cat([average_pool(m) for m in maps])  # (V*B, C)
    z = model.project(features)
    plain, codes = model.head.loss(z, len(batch), None)  # (2, B, K)
    if use in ('plain', 'paste') or not guided:
        return plain

    global_maps, n = maps[0], 2 * count
    if use == 'partner':
        with torch.no_grad():
            wanted = codes.flatten(0, 1)[
                partners(codes, z[:n], labels, source, views)
            ].unflatten(0, (2, count))
        second = prediction(model, wanted, z, len(batch))
    else:
        with torch.no_grad():
            mask = mask_of(
                source, model, global_maps, z[:n], codes, boxes, places[:2]
            )
        looked_at = (
            guided_pooling(global_maps, mask)
            if use == 'pool'
            else average_pool(on_other_background(global_maps, mask))
        )
        z = model.project(torch.cat([looked_at, features[n:]]))
        if use == 'pool':
            second, _ = model.head.loss(z, len(batch), None)
        else:  # the codes are those of the whole images
            second = prediction(model, codes, z, len(batch))
    if weight is None:
        weight = WEIGHTS[use]
    return (1 - weight) * plain + weight * second


def mask_of(source, model, maps, z, codes, boxes, places) -> Tensor:
    """Masks (2B, 1, H, W) of the global views.

    'box': the true one; 'cluster' and 'random': SCA with such partners;
    'own': the length of features; 'rim', 'centre', 'even': no other image.
    """
    if source == 'box':
        return box_mask(boxes, places, maps.size(3))
    by_itself = dict(rim=rim_mask, centre=centre_mask, even=even_mask)
    if source in by_itself:
        return by_itself[source](maps)
    model.sca.partners = 'none' if source == 'own' else source
    return sca_mask(model.sca, maps, z.float(), codes.flatten(0, 1))


def prediction(model, codes: Tensor, z: Tensor, num_views: int) -> Tensor:
    """All other views predict these codes (2, B, K)."""
    with torch.autocast(z.device.type, enabled=False):
        scores = model.head.prototypes[0](z.float())
    log_p = F.log_softmax(scores / model.head.temperature, dim=1)
    log_p = log_p.unflatten(0, (num_views, -1))  # (V, B, K)
    others = log_p.sum(dim=0) - log_p[:2]
    return -(codes * others).sum(dim=2).mean() / (num_views - 1)


def on_other_background(maps: Tensor, mask: Tensor) -> Tensor:
    """Locations of the next image of the batch where the mask is low."""
    keep = (mask * mask[0].numel()).clamp(0, 1).to(maps.dtype)
    other = maps.unflatten(0, (2, -1)).roll(1, dims=1).flatten(0, 1)
    return keep * maps + (1 - keep) * other


def pasted(cut: Tensor, inside: Tensor, views: Views) -> Tensor:
    """Some views (B, 3, S, S), their boxes on those of the next image."""
    keep = inside[:, None]  # (B, 1, S, S)
    seen = keep.mean(dim=(1, 2, 3), keepdim=True) > 0.05
    chosen = views.rand(len(cut))[:, None, None, None] < WEIGHTS['paste']
    keep = torch.where(seen & chosen, keep, torch.ones_like(keep))
    return keep * cut + (1 - keep) * cut.roll(1, dims=0)


def partners(codes, z, labels, source, views) -> Tensor:
    """An image each of the batch, as indices (2B, )."""
    count = len(labels)
    ids = torch.arange(count, device=z.device).repeat(2)
    if source == 'cluster':
        q, z = codes.flatten(0, 1), z.float()
        score = q @ q.T + 0.01 * z @ z.T
    else:
        score = views.rand(2 * count, 2 * count)
        if source == 'label':
            both = labels.repeat(2)
            score = score + (both[:, None] == both)
    same_image = ids[:, None] == ids
    return score.masked_fill(same_image, -2).argmax(dim=1)

"""What SCA sees in images."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.model import BaseModel
from torch import Tensor

from mmsca.apis.images import AnyImage, pixels_of
from mmsca.models import SwAVSCA
from mmsca.utils.errors import InputError
from mmsca.visualization.attention import Attention


def attend(
    model: SwAVSCA,
    images: Sequence[AnyImage],
    size: int | None = None,
    query: tuple[float, float] | None = None,
) -> list[Attention]:
    """What SCA sees in each image, the others being its candidates.

    Args:
        model (SwAVSCA): Of `mmsca.load_model`, from a pretraining with SCA.
        images (Sequence[AnyImage]): Paths, pictures of Pillow, or arrays in
            RGB, uint8, (H, W, 3); two more than partners at least.
        size (int, optional): Side in pixels that images are resized to.
            Defaults to None, that of the global views of the pretraining.
        query (tuple[float, float], optional): Point that is asked about, as
            fractions of width and height, in [0, 1]. Defaults to None, the
            peak of each mask.

    Returns:
        list[Attention]: One per image: mask, partners, and where these are
        similar to the query.

    Raises:
        InputError: An image cannot be read, there are too few, or the model
            has no SCA.
    """
    check_sca(model)
    check_number(model, len(images))
    size = size or view_size(model.cfg)
    return attentions(model, read_images(images, size), query)


def check_sca(model: BaseModel) -> None:
    """Refuse a model that has no masks."""
    if not isinstance(model, SwAVSCA):
        raise InputError(
            f'A {type(model).__name__} has no SCA. Expected a pretraining '
            'such as configs/sca/swav_sca_r18_materials.py, and its '
            'checkpoint.'
        )


def check_number(model: SwAVSCA, number: int) -> None:
    """Refuse so few images that no mask can differ from an even one."""
    sca = model.sca
    least = sca.num_partners + 2 if sca.num_negatives else 2
    if number < least:
        raise InputError(
            f'Got {number} images. Each is compared with {sca.num_partners} '
            f'partners among the others, less {sca.num_negatives} negatives: '
            'where these are the same images the mask is even, and no query '
            f'stands out. Give {least} or more, better '
            f'{sca.num_partners + sca.num_negatives + 1}.'
        )


def view_size(cfg: Config) -> int:
    """Side of the global views of a pretraining config."""
    for transform in cfg.train_dataloader.dataset.pipeline:
        if transform['type'] == 'mmsca.MultiCrop':
            return transform['sizes'][0]
    raise InputError(
        'The config has no mmsca.MultiCrop in its train pipeline to take the '
        'size of images from. Give a size.'
    )


def read_images(images: Sequence[AnyImage], size: int) -> np.ndarray:
    """Images as RGB, uint8, (B, S, S, 3)."""
    area = cv2.INTER_AREA
    pixels = map(pixels_of, images)
    return np.stack(
        [cv2.resize(p, (size, size), interpolation=area) for p in pixels]
    )


@torch.no_grad()
def attentions(
    model: SwAVSCA, images: np.ndarray, query: tuple[float, float] | None
) -> list[Attention]:
    """:func:`attend` for images that are read, RGB, uint8, (B, S, S, 3)."""
    # BGR, as images are loaded in training.
    views = torch.from_numpy(images[..., ::-1].copy()).permute(0, 3, 1, 2)
    data = dict(inputs=views, data_samples=None)
    maps, attention, candidates = model.attend(
        model.data_preprocessor(data)['inputs']
    )
    tokens = F.normalize(model.sca.tokens(candidates.locations), dim=2)
    results = []
    for i, image in enumerate(images):
        mask = attention.mask[i, 0]
        y, x = cell_of(mask, query)
        point = tokens[i, y * mask.size(1) + x]  # (d, )
        partners = attention.partners[i][attention.valid[i]].tolist()
        answers = [(tokens[p] @ point).view_as(mask) for p in partners]
        results.append(
            Attention(
                image,
                (y, x),
                [images[p] for p in partners],
                [answer.numpy(force=True) for answer in answers],
                mask.numpy(force=True),
                maps[i].mean(dim=0).numpy(force=True),
            )
        )
    return results


def cell_of(
    mask: Tensor, query: tuple[float, float] | None
) -> tuple[int, int]:
    """Row and column of the cell that a query falls into."""
    h, w = mask.shape
    if query is None:
        return divmod(int(mask.argmax()), w)
    x, y = query
    return min(int(y * h), h - 1), min(int(x * w), w - 1)

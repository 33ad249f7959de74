"""Draw what SCA sees: the whole of tools/visualize_attention.py."""

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import Tensor

from mmsca.apis.config import (
    add_trust_argument,
    load_config,
    set_run_defaults,
)
from mmsca.models import SwAVSCA
from mmsca.utils.checkpoint import load_backbone
from mmsca.utils.errors import InputError
from mmsca.utils.options import count
from mmsca.utils.places import check_folder
from mmsca.visualization.attention import Attention, draw_attention
from mmsca.visualization.panels import read_image


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='For each image: its partners among the others, where '
        'they answer to a point of it, its mask and its guided map.'
    )
    parser.add_argument('config', help='config file of a pretraining with SCA')
    parser.add_argument('checkpoint', help='checkpoint of that pretraining')
    parser.add_argument(
        'images',
        nargs='+',
        type=Path,
        help='images, more than partners; two without negatives',
    )
    parser.add_argument(
        '--query',
        nargs=2,
        type=float,
        metavar=('X', 'Y'),
        help='point that is asked about, as fractions of width and height '
        '(default: where the mask is largest)',
    )
    parser.add_argument(
        '--size',
        type=count,
        help='side in pixels that images are resized to (default: that of '
        'the global views of the config)',
    )
    parser.add_argument(
        '--out-dir',
        type=Path,
        default=Path('work_dirs/attention'),
        help='folder of the pictures (default: %(default)s)',
    )
    add_trust_argument(parser)
    set_run_defaults(parser)
    args = parser.parse_args(argv)
    if args.query and not all(0 <= q <= 1 for q in args.query):
        parser.error('--query takes two fractions between 0 and 1')
    return args


def build_model(cfg: Config, checkpoint: str, trust: bool = False) -> SwAVSCA:
    """The pretrained model, with its head and SCA, in evaluation mode."""
    model = MODELS.build(cfg.model)
    if not isinstance(model, SwAVSCA):
        raise InputError(
            f'model.type is {cfg.model.type}; pictures are drawn of '
            'mmsca.SwAVSCA. Take a config such as '
            'configs/sca/swav_sca_r18_materials.py.'
        )
    # Queues do not count: their length has no part in a picture.
    model.guided_queue = model.head.queue = model.memory = None
    load_backbone(model, checkpoint, '', trust)
    return model.eval()


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
        'size of images from. Give --size.'
    )


def read_images(files: list[Path], size: int) -> np.ndarray:
    """Images as RGB, uint8, (B, S, S, 3)."""
    return np.stack(
        [
            cv2.resize(
                read_image(file), (size, size), interpolation=cv2.INTER_AREA
            )
            for file in files
        ]
    )


@torch.no_grad()
def attentions(
    model: SwAVSCA, images: np.ndarray, query: tuple[float, float] | None
) -> list[Attention]:
    """What SCA sees in each image, the others being its candidates.

    Args:
        model (SwAVSCA): In evaluation mode.
        images (np.ndarray): RGB, uint8, (B, S, S, 3).
        query (tuple[float, float], optional): Point that is asked about, as
            fractions of width and height. Defaults to the peak of each mask.

    Returns:
        list[Attention]: One per image.
    """
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
        results.append(
            Attention(
                image,
                (y, x),
                [images[p] for p in partners],
                [(tokens[p] @ point).view_as(mask).numpy() for p in partners],
                mask.numpy(),
                maps[i].mean(dim=0).numpy(),
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


def visualize_attention(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    check_folder(args.out_dir, '--out-dir')
    cfg = load_config(args)
    init_default_scope(cfg.default_scope)
    model = build_model(cfg, args.checkpoint, args.trust_checkpoint)
    check_number(model, len(args.images))
    images = read_images(args.images, args.size or view_size(cfg))
    found = attentions(model, images, args.query)
    for i, (file, attention) in enumerate(
        zip(args.images, found, strict=True)
    ):
        out_file = args.out_dir / f'{i:03d}_{file.stem}.png'
        draw_attention(attention, out_file)
        print(out_file)

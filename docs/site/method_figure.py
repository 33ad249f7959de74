"""Draws docs/images/method.png: from a scene and its partners to a mask.

    python docs/site/method_figure.py CKPT

CKPT is the SwAV + SCA of `make demo`, and its scenes are in
data/material_scenes.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F

from mmsca import load_model
from mmsca.models.sca.partners import select_negatives
from mmsca.models.sca.spatial_cross_attention import mean_match
from mmsca.visualization.attention import mark, overlay
from mmsca.visualization.panels import read_image, show_image

CLASSES = ('grass', 'brick', 'petals', 'coins')
SCENES = Path('data/material_scenes/test')


def attend(checkpoint: str) -> tuple:
    """Images (B, S, S, 3), and what SCA sees in the first of them."""
    model = load_model(checkpoint)
    files = [f for c in CLASSES for f in sorted((SCENES / c).iterdir())[:6]]
    images = np.stack([read_image(file) for file in files])
    views = torch.from_numpy(images[..., ::-1].copy()).permute(0, 3, 1, 2)
    data = model.data_preprocessor(dict(inputs=views, data_samples=None))
    with torch.no_grad():
        _, attention, candidates = model.attend(data['inputs'])
        tokens = model.sca.tokens(candidates.locations)  # (B, HW, d)
        negatives, other = select_negatives(candidates, 16)
        partners = attention.partners[0]
        shape = attention.mask.shape[2:]
        valid = attention.valid[:1]
        near = mean_match(tokens[:1], tokens[partners][None], valid)
        far = mean_match(tokens[:1], tokens[negatives], other[:1])
        tokens = F.normalize(tokens, dim=2)
        at = int(attention.mask[0].argmax())
        matches = [(tokens[p] @ tokens[0, at]).view(shape) for p in partners]
    return (
        images,
        divmod(at, shape[1]),
        (images[partners], [m.numpy() for m in matches]),
        images[negatives[other[0]]],
        [x.view(shape).numpy() for x in (near, far, near - far)],
        attention.mask[0, 0].numpy(),
    )


def draw(images, at, partners, negatives, responses, mask) -> plt.Figure:
    """Above what a location is compared with, below what comes of it."""
    figure, grid = plt.subplots(2, 5, figsize=(9, 4.2), layout='constrained')
    image, shape = images[0], mask.shape
    first, second = grid
    show_image(first[0], image)
    mark(first[0], at, shape, image.shape[0])
    names = ['image, a location', *(f'partner {i}' for i in range(1, 5))]
    for axes, partner, match in zip(first[1:], *partners, strict=True):
        overlay(axes, partner, match, -1, 1)
        best = np.unravel_index(match.argmax(), shape)
        mark(axes, best, shape, partner.shape[0])

    show_image(second[0], tiled(negatives[:9]))
    names += ['negatives', 'match, partners', '- match, negatives']
    names += ['= difference', 'softmax: mask']
    near, far, difference = responses
    low, high = min(near.min(), far.min()), max(near.max(), far.max())
    overlay(second[1], image, near, low, high)
    overlay(second[2], image, far, low, high)
    overlay(second[3], image, difference, difference.min(), difference.max())
    overlay(second[4], image, mask, 0, mask.max())
    for axes, name in zip(grid.flat, names, strict=True):
        axes.set_title(name, fontsize=12)
        axes.axis('off')
    return figure


def tiled(images: np.ndarray) -> np.ndarray:
    """Nine images (9, S, S, 3) as one, (3 S, 3 S, 3)."""
    rows = images.reshape(3, 3, *images.shape[1:])
    return rows.swapaxes(1, 2).reshape(-1, 3 * images.shape[2], 3)


if __name__ == '__main__':
    draw(*attend(sys.argv[1])).savefig('docs/images/method.png', dpi=130)

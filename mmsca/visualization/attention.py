"""Pictures of what SCA sees: partners, where they match, masks."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from mmsca.visualization.panels import panel_grid, show_image


class Attention(NamedTuple):
    """What SCA sees in one image.

    Attributes:
        image (np.ndarray): RGB, uint8, (S, S, 3).
        query (tuple[int, int]): Location that is asked about, row and
            column of the map.
        partners (list[np.ndarray]): P images, as `image`.
        answers (list[np.ndarray]): Per partner, the similarity of its
            locations to the query, (H', W'), in [-1, 1].
        mask (np.ndarray): Shape (H, W), sums to 1.
        map (np.ndarray): Mean over the channels of the map, (H, W).
    """

    image: np.ndarray
    query: tuple[int, int]
    partners: list[np.ndarray]
    answers: list[np.ndarray]
    mask: np.ndarray
    map: np.ndarray


def overlay(
    axes: Axes, image: np.ndarray, heat: np.ndarray, low: float, high: float
) -> None:
    """Lay the cells of a map (H, W) over an image (S, S, 3)."""
    show_image(axes, image)
    size = image.shape[0]
    axes.imshow(
        heat,
        extent=(-0.5, size - 0.5, size - 0.5, -0.5),
        interpolation='nearest',
        cmap='inferno',
        vmin=low,
        vmax=high,
        alpha=0.6,
    )


def mark(axes: Axes, cell: tuple[int, int], shape: tuple, size: int) -> None:
    """Put a cross on the centre of a cell of a map over an image."""
    y, x = (
        (c + 0.5) * size / n - 0.5 for c, n in zip(cell, shape, strict=True)
    )
    axes.plot(x, y, 'x', color='cyan', markersize=9, markeredgewidth=2.5)


def draw_attention(attention: Attention, out_file: Path) -> None:
    """Draw an image, its partners' answers, its mask and its guided map."""
    image, size = attention.image, attention.image.shape[0]
    names = [f'partner {i + 1}' for i in range(len(attention.partners))]
    figure, grid = panel_grid(
        1, ['query', *names, 'mask', 'map', 'guided map'], width=1.9
    )
    query, *answers, mask, plain, guided = grid[0]
    show_image(query, image)
    mark(query, attention.query, attention.mask.shape, size)
    for axes, partner, answer in zip(
        answers, attention.partners, attention.answers, strict=True
    ):
        overlay(axes, partner, answer, -1, 1)
        best = np.unravel_index(answer.argmax(), answer.shape)
        mark(axes, best, answer.shape, size)
    overlay(mask, image, attention.mask, 0, attention.mask.max())
    # Both on one scale: an even mask leaves the map as it is.
    weighted = attention.map * attention.mask * attention.mask.size
    high = max(attention.map.max(), weighted.max())
    overlay(plain, image, attention.map, 0, high)
    overlay(guided, image, weighted, 0, high)
    out_file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out_file, dpi=130)

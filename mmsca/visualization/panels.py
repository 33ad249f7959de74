"""Pictures in rows and columns, for looking at methods side by side."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mmengine.utils import scandir

from mmsca.utils.errors import InputError
from mmsca.utils.image_file import ImageFile


def read_image(file: Path, size: tuple[int, int] | None = None) -> np.ndarray:
    """Read an image as RGB, uint8, (H, W, 3).

    Args:
        file (Path): The image.
        size (tuple[int, int], optional): Width and height of the image that
            annotations were drawn on. Defaults to None, to read it upright.
    """
    image = ImageFile(str(file))
    return image.decode(upright=image.is_upright(size))


def panel_grid(
    rows: int, columns: list[str], width: float = 2.4, aspect: float = 1.0
) -> tuple[Figure, np.ndarray]:
    """A figure and its axes, (rows, columns), an empty panel for each picture.

    Args:
        rows (int): Number of rows.
        columns (list[str]): Headings.
        width (float): Width of a panel in inches.
        aspect (float): Height of a panel over its width.
    """
    size = (width * len(columns), width * aspect * rows + 0.4)
    figure = Figure(figsize=size, layout='constrained')
    figure.get_layout_engine().set(
        w_pad=0.02, h_pad=0.02, wspace=0.01, hspace=0.01
    )
    grid = figure.subplots(rows, len(columns), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, column in zip(grid[0], columns, strict=True):
        axes.set_title(column, fontsize=11)
    return figure, grid


def show_image(axes: Axes, image: np.ndarray) -> None:
    """Show an image (H, W, 3); every pixel of it stays a square."""
    axes.imshow(image, interpolation='nearest')


def compare_pictures(
    folders: dict[str, Path], out_file: Path, limit: int = 6
) -> None:
    """Put pictures of the same name from several folders side by side.

    Args:
        folders (dict[str, Path]): Heading -> folder, searched recursively.
        out_file (Path): PNG to write.
        limit (int): Number of rows: the first names in sorted order.

    Raises:
        InputError: If no picture is in all folders.
    """
    names = set.intersection(
        *(
            set(scandir(str(folder), ('.png', '.jpg'), recursive=True))
            for folder in folders.values()
        )
    )
    if not names:
        raise InputError(
            'There is no picture that all of '
            f'{", ".join(map(str, folders.values()))} hold. Were they painted '
            'by `mmsca test` with the same --show-dir settings?'
        )
    names = sorted(names)[:limit]
    first = read_image(next(iter(folders.values())) / names[0])
    figure, grid = panel_grid(
        len(names),
        list(folders),
        width=3.6,
        aspect=first.shape[0] / first.shape[1],
    )
    for name, panels in zip(names, grid, strict=True):
        for axes, folder in zip(panels, folders.values(), strict=True):
            show_image(axes, read_image(folder / name))
    figure.savefig(out_file, dpi=150)

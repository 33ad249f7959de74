"""Draw the views that a model is trained on: tools/browse_views.py."""

import argparse
from itertools import islice
from pathlib import Path

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import Runner
from torch import Tensor

from mmsca.apis.config import add_options_argument, load_config
from mmsca.augmentation import Crops
from mmsca.utils.errors import InputError
from mmsca.utils.image_file import ImageFile
from mmsca.utils.options import count
from mmsca.utils.places import check_file
from mmsca.visualization.panels import panel_grid, show_image


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Draw some training images with their crops, and the '
        'augmented views as the model gets them.'
    )
    parser.add_argument('config', help='config file of a pretraining')
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('work_dirs/views.png'),
        help='PNG to write (default: %(default)s)',
    )
    parser.add_argument(
        '--number', type=count, default=4, help='images (default: %(default)s)'
    )
    add_options_argument(parser)
    return parser.parse_args(argv)


def first_batch(cfg: Config, number: int) -> tuple[list[str], dict]:
    """Files and data of the first images that a training with seed 0 sees."""
    loader = Runner.build_dataloader(
        dict(
            cfg.train_dataloader,
            batch_size=number,
            num_workers=0,
            persistent_workers=False,
        ),
        seed=0,
    )
    if len(loader.dataset) < number:
        raise InputError(
            f'--number is {number}, but the data set has '
            f'{len(loader.dataset)} images.'
        )
    draws = islice(loader.sampler, number)
    files = [loader.dataset.get_data_info(i)['img_path'] for i in draws]
    return files, next(iter(loader))


def augmented_views(cfg: Config, batch: dict) -> tuple[list[Tensor], Crops]:
    """Views after augmentation, RGB, uint8 (B, S, S, 3), and their crops."""
    preprocessor = MODELS.build(cfg.model.data_preprocessor)
    data = preprocessor(batch, training=True)
    if not isinstance(data['data_samples'], Crops):
        raise InputError(
            'The train pipeline gives no crops. Views are drawn of '
            'mmsca.MultiCrop with mmsca.MultiCropPreprocessor, as in '
            'configs/sca/swav_r18_materials.py.'
        )
    views = [
        (view * preprocessor.std + preprocessor.mean)
        .round_()
        .to(torch.uint8)
        .permute(0, 2, 3, 1)
        for view in data['inputs']
    ]
    return views, data['data_samples']


def outline(axes: Axes, box: list[float], color: str, style='-') -> None:
    """Draw the box x0, y0, x1, y1 over an image."""
    x0, y0, x1, y1 = box
    axes.add_patch(
        Rectangle(
            (x0 - 0.5, y0 - 0.5),
            x1 - x0,
            y1 - y0,
            fill=False,
            edgecolor=color,
            linestyle=style,
            linewidth=2,
        )
    )


def draw_views(
    files: list[str], views: list[Tensor], crops: Crops, out_file: Path
) -> None:
    """Draw one row per image: its crops, and the views of the same colour.

    There are B files, V views of shape (B, S, S, 3), and (B, V) crops, of
    which the boxes of mirrored ones are dashed.
    """
    names = [f'view {i + 1}' for i in range(len(views))]
    figure, grid = panel_grid(len(files), ['image', *names], width=1.6)
    for row, (file, panels) in enumerate(zip(files, grid, strict=True)):
        show_image(panels[0], ImageFile(file).decode())
        for i, view in enumerate(views):
            color = f'C{i}'
            style = '--' if crops.flips[row, i] else '-'
            outline(panels[0], crops.boxes[row, i].tolist(), color, style)
            show_image(panels[1 + i], view[row].numpy())
            side = view.size(1)
            outline(panels[1 + i], [0, 0, side, side], color, style)
    figure.savefig(out_file, dpi=130)


def browse_views(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    check_file(args.out, '--out', ('.png', '.jpg', '.pdf', '.svg'))
    cfg = load_config(args)
    init_default_scope(cfg.default_scope)
    files, batch = first_batch(cfg, args.number)
    views, crops = augmented_views(cfg, batch)
    draw_views(files, views, crops, args.out)
    print(args.out)

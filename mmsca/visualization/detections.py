"""Detections of several detectors beside the ground truth."""

import json
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mmsca.utils.segmentation import decode_segmentation
from mmsca.visualization.panels import panel_grid, read_image, show_image

MAX_IMAGES = 4
MIN_SCORE = 0.3


def draw_instances(
    axes: Axes, image: np.ndarray, instances: list[dict], names: dict[int, str]
) -> None:
    """Draw masks, boxes and labels on an image.

    Args:
        axes (Axes): Where to draw.
        image (np.ndarray): RGB, uint8, (H, W, 3).
        instances (list[dict]): Annotations or results in COCO form:
            `category_id`, `bbox` (x, y, width, height) in pixels,
            `segmentation`, if there are masks, and `score` in [0, 1] of
            results.
        names (dict[int, str]): Category id -> name.
    """
    show_image(axes, image)
    height, width = image.shape[:2]
    order = sorted(names)
    for instance in instances:
        category = instance['category_id']
        color = colormaps['tab10'](order.index(category) % 10)
        if instance.get('segmentation'):
            source = instance['segmentation']
            mask = decode_segmentation(source, (width, height))
            layer = np.zeros((height, width, 4))
            layer[mask > 0] = (*color[:3], 0.4)
            axes.imshow(layer, interpolation='nearest')
        x, y, w, h = instance['bbox']
        # Pixel i covers [i - 0.5, i + 0.5] of matplotlib's axes.
        corner = (x - 0.5, y - 0.5)
        axes.add_patch(Rectangle(corner, w, h, fill=False, color=color, lw=1))
        label = names[category]
        if 'score' in instance:
            label += f' {instance["score"]:.2f}'
        above = y > 0.12 * height
        axes.text(
            min(max(x, 0), 0.65 * width),
            y - 0.5 if above else y + h,
            label,
            va='bottom' if above else 'top',
            fontsize=6.5,
            color='white',
            bbox=dict(facecolor=color, edgecolor='none', pad=0.8),
        )
    axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))


def compare_detections(
    annotation_file: Path,
    image_dir: Path,
    results: dict[str, Path],
    out_file: Path,
) -> None:
    """Put ground truth and results on the same images side by side.

    Shows the first images of the annotations.

    Args:
        annotation_file (Path): COCO instances JSON.
        image_dir (Path): Folder its file names are relative to.
        results (dict[str, Path]): Heading -> `*.segm.json`, or `*.bbox.json`
            where there are no masks, as mmdet's `CocoMetric` writes with
            `outfile_prefix`.
        out_file (Path): PNG to write.
    """
    truth = json.loads(Path(annotation_file).read_text())
    names = {c['id']: c['name'] for c in truth['categories']}
    columns = {'ground truth': truth['annotations']}
    for heading, file in results.items():
        found = json.loads(Path(file).read_text())
        columns[heading] = [r for r in found if r['score'] >= MIN_SCORE]
    images = truth['images'][:MAX_IMAGES]
    figure, grid = panel_grid(len(images), list(columns))
    for info, panels in zip(images, grid, strict=True):
        image = read_image(
            Path(image_dir) / info['file_name'],
            (info['width'], info['height']),
        )
        for axes, instances in zip(panels, columns.values(), strict=True):
            here = [i for i in instances if i['image_id'] == info['id']]
            draw_instances(axes, image, here, names)
    figure.savefig(out_file, dpi=150)

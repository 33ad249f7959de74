"""A picture of what a class map says about one image."""

import warnings
from itertools import product

import cv2
import numpy as np
from mmengine.visualization import Visualizer
from mmengine.visualization.utils import convert_overlay_heatmap

# Small images are enlarged to this, so that text on them can be read.
MIN_SIDE = 320


def draw_cam(
    visualizer: Visualizer,
    image: np.ndarray,
    cam: np.ndarray,
    gt_boxes: np.ndarray,
    box: np.ndarray | None,
    text: str,
) -> np.ndarray:
    """Draw an image beside its heat map, with boxes on both.

    Args:
        visualizer (Visualizer): Draws; its canvas is overwritten.
        image (np.ndarray): RGB, uint8, (H, W, 3).
        cam (np.ndarray): Class map in [0, 1], (H, W).
        gt_boxes (np.ndarray): Ground truth, green, (n, 4) in pixels.
        box (np.ndarray | None): Predicted box, red, (4,), or none.
        text (str): Written above.

    Returns:
        np.ndarray: RGB, uint8: the picture.
    """
    scale = max(1, -(-MIN_SIDE // min(image.shape[:2])))
    size = (image.shape[1] * scale, image.shape[0] * scale)
    image = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
    cam = cv2.resize(cam, size, interpolation=cv2.INTER_LINEAR)
    heat = convert_overlay_heatmap(cam, image, alpha=0.5)

    head = max(28, size[1] // 10)
    strip = np.full((head, 2 * size[0], 3), 255, dtype=np.uint8)
    panels = np.concatenate([image, heat], axis=1)
    visualizer.set_image(np.concatenate([strip, panels]))
    width = max(2, min(size) // 120)
    colored = [(gt_boxes, 'g')]
    if box is not None:
        colored.append((box[None], 'r'))
    with warnings.catch_warnings():
        # Of lines on the edge of the picture.
        warnings.filterwarnings('ignore', '.* is out of bounds')
        for left, (boxes, color) in product((0, size[0]), colored):
            boxes = boxes * scale + np.array([left, head, left, head])
            visualizer.draw_bboxes(boxes, edge_colors=color, line_widths=width)
    visualizer.draw_texts(
        text,
        np.array([[8, head / 2]]),
        font_sizes=head / 2.4,
        vertical_alignments='center',
        colors='k',
    )
    return visualizer.get_image()

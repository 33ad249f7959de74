"""Random smooth outlines and the pixels they cover."""

import cv2
import numpy as np

ORDERS = np.arange(2, 6)
THETA = np.linspace(0, 2 * np.pi, 128, endpoint=False)
DIRECTIONS = np.stack([np.cos(THETA), np.sin(THETA)], 1)  # (128, 2)
# Subpixels per pixel and axis, for antialiased edges.
SUPERSAMPLING = 4
# Fractional bits of the coordinates that cv2.fillPoly takes.
SHIFT = 4


def random_outline(rng: np.random.Generator) -> np.ndarray:
    r"""Draw a closed star-shaped outline, x and y of 128 points, (128, 2).

    .. math::
        r(\theta) = 1 + \sum_{k=2}^{5} a_k \cos(k \theta + \varphi_k),
        \quad a_k \sim U(0, 1 / 2k)

    Its bounding box is centred at the origin and has a longer side of 1.
    """
    amplitude = rng.uniform(0, 0.5 / ORDERS)
    phase = rng.uniform(0, 2 * np.pi, len(ORDERS))
    waves = np.cos(THETA[:, None] * ORDERS + phase)  # (128, 4)
    points = (1 + waves @ amplitude)[:, None] * DIRECTIONS
    low, high = points.min(0), points.max(0)
    return (points - (low + high) / 2) / (high - low).max()


def place_outline(
    outline: np.ndarray, extent: float, side: int, rng: np.random.Generator
) -> np.ndarray:
    """Scale an outline and put it at a random place inside the image.

    Args:
        outline (np.ndarray): (P, 2) centred, longer side 1.
        extent (float): Longer side in pixels, at most `side`.
        side (int): Side of the image in pixels.
        rng (np.random.Generator): Source of randomness.
    """
    points = outline * extent
    margin = points.max(0)
    return points + rng.uniform(margin, side - margin)


def coverage(points: np.ndarray, side: int) -> np.ndarray:
    """Fraction of every pixel that lies inside an outline, in [0, 1].

    Args:
        points (np.ndarray): (P, 2) x and y in pixels.
        side (int): Side of the image in pixels.

    Returns:
        np.ndarray: (side, side) float32.
    """
    fine = np.zeros((side * SUPERSAMPLING,) * 2, np.uint8)
    # OpenCV puts integer coordinates at the centres of pixels.
    corners = (points * SUPERSAMPLING - 0.5) * 2**SHIFT
    cv2.fillPoly(fine, [np.rint(corners).astype(np.int32)], 255, shift=SHIFT)
    coarse = cv2.resize(
        fine.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA
    )
    return coarse / 255


def tight_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 around the pixels of a mask, x1 and y1 exclusive."""
    xs, ys = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1
